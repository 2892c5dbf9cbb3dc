import { createHash } from 'node:crypto';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FileServer, serve, startFileServer } from '../../test/file-server.js';
import { platform } from './browser.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);

let server: FileServer;
beforeEach(async () => void (server = await startFileServer()));
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** The Cache API as far as the platform uses it. */
function stubCaches(room: number = Infinity): Map<string, Response> {
  const stored = new Map<string, Response>();
  vi.stubGlobal('caches', {
    open: async (cache: string) => ({
      match: async (url: string) => stored.get(`${cache} ${url}`)?.clone(),
      async put(url: string, response: Response) {
        if (stored.size >= room) throw new DOMException('no room', 'QuotaExceededError');
        stored.set(`${cache} ${url}`, response);
      },
      delete: async (url: string) => stored.delete(`${cache} ${url}`),
    }),
  });
  return stored;
}

describe('the browser', () => {
  it('gets a bundle without a trace of Node', async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: [new URL('../index.ts', import.meta.url).pathname],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['strata-source'],
      external: ['@tensorflow/*'],
      logLevel: 'error',
    });
    const inputs = Object.keys(metafile.inputs).join('\n');
    expect(inputs).toContain('platform/browser.ts');
    expect(inputs).not.toMatch(/platform\/node/);
    expect(outputFiles[0]!.text).not.toMatch(/node:|require\(/);
  });

  it('reads a data directory that is a URL', async () => {
    server.answer = (request, response) =>
      request.url === '/data/mnist/a.gz'
        ? serve(bytes)(request, response)
        : void response.writeHead(404).end();
    const at = (name: string): string => platform.join(`${server.url}/data/`, 'mnist', name);
    expect(await platform.readFile(at('a.gz'))).toEqual(bytes);
    expect(await platform.readFile(at('b.gz'))).toBeUndefined();
    server.answer = (_, response) => void response.writeHead(500).end();
    await expect(platform.readFile(at('a.gz'))).rejects.toThrow(/HTTP 500/);
  });

  it('keeps downloads in the Cache API once they are whole', async () => {
    const stored = stubCaches();
    const path = platform.join(platform.defaultCache(), 'mnist', 'a.gz');
    const part = await platform.openPart(path);
    await part.append(bytes.slice(0, 600));
    await part.close();
    expect(await platform.readCached(path)).toBeUndefined();
    // A second try goes on from there, in another page too.
    expect(stored.size).toBe(1);
    const again = await platform.openPart(path);
    expect(again.size).toBe(600);
    await again.append(bytes.slice(600));
    expect(await again.read()).toEqual(bytes);
    await again.commit();
    await again.close();
    expect([...stored.keys()]).toEqual(['strata-data https://data.strata.invalid/mnist/a.gz']);
    expect(await platform.readCached(path)).toEqual(bytes);
    expect((await platform.openPart(path)).size).toBe(0);
  });

  it('keeps large downloads piece by piece, so that a page that is left loses little', async () => {
    const stored = stubCaches();
    const part = await platform.openPart('strata-data/mnist/b.gz');
    const chunk = new Uint8Array(400_000).fill(7);
    for (let i = 0; i < 7; i++) await part.append(chunk);
    // The page is gone: nobody closes the part.
    expect(stored.size).toBe(2);
    const again = await platform.openPart('strata-data/mnist/b.gz');
    expect(again.size).toBe(2_400_000);
    await again.clear();
    expect(stored.size).toBe(0);
    await again.close();
  });

  it('goes on where no room is left, and says that the set is not kept', async () => {
    const stored = stubCaches(0);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const part = await platform.openPart('strata-data/mnist/c.gz');
    await part.append(new Uint8Array(2_000_000));
    await part.close();
    // In this page what has arrived is still there.
    const again = await platform.openPart('strata-data/mnist/c.gz');
    expect(again.size).toBe(2_000_000);
    expect(await again.read()).toHaveLength(2_000_000);
    await again.append(new Uint8Array(2_000_000));
    await again.commit();
    await again.close();
    expect(stored.size).toBe(0);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/downloaded again next time: .*no room/),
    );
    warn.mockRestore();
  });

  it('goes on where storage is denied', async () => {
    vi.stubGlobal('caches', { open: async () => Promise.reject(new DOMException('denied')) });
    expect(await platform.readCached('strata-data/mnist/d.gz')).toBeUndefined();
    const part = await platform.openPart('strata-data/mnist/d.gz');
    await part.append(bytes);
    expect(await part.read()).toEqual(bytes);
    await part.commit();
  });

  it('does without the Cache API', async () => {
    expect(await platform.readCached('strata-data/mnist/a.gz')).toBeUndefined();
    const part = await platform.openPart('strata-data/mnist/a.gz');
    await part.append(bytes);
    await part.commit();
    expect(await part.read()).toEqual(bytes);
  });

  it('hashes as Node does, and says what it needs where it cannot', async () => {
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(await platform.sha256(bytes)).toBe(expected);
    vi.stubGlobal('crypto', {});
    await expect(platform.sha256(bytes)).rejects.toThrow(/over https or from localhost/);
  });
});
