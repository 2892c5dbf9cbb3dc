import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, DataError } from '@stratajs/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FileServer, serve, startFileServer } from '../../test/file-server.js';
import type { FileOptions, FileSet } from './file-set.js';
import { resolveFiles } from './resolve.js';

const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 31) % 256);
const sha256 = createHash('sha256').update(bytes).digest('hex');

let folder: string;
let server: FileServer;
let set: FileSet;
/** Folders for this test's data and cache; nothing of the machine's environment. */
let options: FileOptions;

beforeEach(async () => {
  for (const name of ['STRATA_DATA_DIR', 'STRATA_CACHE_DIR', 'STRATA_OFFLINE'])
    vi.stubEnv(name, '');
  folder = mkdtempSync(join(tmpdir(), 'strata-data-'));
  server = await startFileServer();
  set = {
    name: 'tiny',
    mirrors: [server.url],
    howToObtain: 'Ask for it.',
    files: { 'a.bin': { bytes: bytes.length, sha256, unpacked: bytes.length } },
  };
  options = { cacheDir: join(folder, 'cache') };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true });
});

const cached = (): string => join(folder, 'cache', 'tiny', 'a.bin');
const leftInCache = (): string[] => readdirSync(join(folder, 'cache', 'tiny'));
const put = (place: string, content: Uint8Array): string => {
  const path = join(folder, place, 'tiny', 'a.bin');
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const resolve = (more: FileOptions = {}) => resolveFiles(set, ['a.bin'], { ...options, ...more });
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
const reason = async (more: FileOptions = {}): Promise<string> =>
  ((await resolve(more)) as { unavailable: string }).unavailable;
const received = async (more: FileOptions = {}) => {
  const found = await resolve(more);
  if ('unavailable' in found) expect.unreachable(found.unavailable);
  expect(Buffer.compare(found.files[0]!.bytes, bytes)).toBe(0);
  return found.source;
};

describe('the order of places', () => {
  it('takes the data directory first, then the cache, then the network', async () => {
    server.answer = serve(bytes);
    expect(await received()).toEqual({ kind: 'download', path: join(folder, 'cache', 'tiny') });
    expect(await received()).toEqual({ kind: 'cache', path: join(folder, 'cache', 'tiny') });
    put('data', bytes);
    const dataDir = join(folder, 'data');
    expect(await received({ dataDir })).toEqual({ kind: 'dir', path: join(dataDir, 'tiny') });
    vi.stubEnv('STRATA_DATA_DIR', dataDir);
    expect((await received()).kind).toBe('dir');
    expect(server.requests).toEqual(['/a.bin']);
  });

  it('finds the cache through the environment', async () => {
    put('data', bytes);
    vi.stubEnv('STRATA_CACHE_DIR', folder);
    expect((await received({ cacheDir: undefined })).path).toBe(join(folder, 'data', 'tiny'));
    vi.stubEnv('STRATA_CACHE_DIR', '');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'xdg'));
    put('xdg/strata/data', bytes);
    expect((await received({ cacheDir: undefined })).path).toBe(
      join(folder, 'xdg', 'strata', 'data', 'tiny'),
    );
  });

  it('goes on past STRATA_DATA_DIR without the file, but not past an explicit dataDir', async () => {
    server.answer = serve(bytes);
    vi.stubEnv('STRATA_DATA_DIR', join(folder, 'nowhere'));
    expect((await received()).kind).toBe('download');
    await expect(resolve({ dataDir: join(folder, 'nowhere') })).rejects.toThrow(
      /dataDir must hold tiny\/a\.bin\. Received: dataDir='.*nowhere' without it/,
    );
  });

  it('says where it looked when there is no network to use', async () => {
    expect(await reason({ download: false })).toMatch(
      /neither in a data directory \(STRATA_DATA_DIR is not set\) nor at .*a\.bin, and downloads are turned off/,
    );
    vi.stubEnv('STRATA_OFFLINE', '1');
    expect(await reason()).toMatch(/turned off/);
    expect(await reason({ mirrors: [] })).toMatch(/Ask for it\./);
    expect(server.requests).toEqual([]);
  });

  it.each([0, -1, NaN, 1e9])('refuses timeout=%d', async (timeout) => {
    await expect(resolve({ timeout })).rejects.toThrow(ConfigError);
  });
});

describe('files that are there but wrong', () => {
  it.each(['data', 'cache'])('names file, checksums and remedy: %s', async (place) => {
    const short = bytes.slice(0, 40_000);
    const path = put(place, short);
    const more = place === 'data' ? { dataDir: join(folder, 'data') } : {};
    const error = await failure(resolve(more));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`${path} is cut short`);
    expect(error.message).toContain(`Expected: 50000 bytes with sha256 ${sha256}`);
    const other = createHash('sha256').update(short).digest('hex');
    expect(error.message).toContain(`Received: 40000 bytes with sha256 ${other}`);
    expect(error.message).toMatch(/Delete it.*or point elsewhere/);

    const flipped = bytes.slice();
    flipped[12_345]! ^= 1;
    put(place, flipped);
    expect((await failure(resolve(more))).message).toContain(`${path} is damaged`);
    expect(server.requests).toEqual([]);
  });

  it('names a file that cannot be read', async () => {
    mkdirSync(join(folder, 'data', 'tiny', 'a.bin'), { recursive: true });
    const error = await failure(resolve({ dataDir: join(folder, 'data') }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/must be readable\. Received: EISDIR/);
  });
});

describe('downloads', () => {
  it('reports progress up to the whole', async () => {
    server.answer = serve(bytes);
    const seen: number[] = [];
    await received({
      onProgress: ({ file, url, received, total }) => {
        expect([file, url, total]).toEqual(['a.bin', `${server.url}/a.bin`, bytes.length]);
        seen.push(received);
      },
    });
    expect(seen.at(-1)).toBe(bytes.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(leftInCache()).toEqual(['a.bin']);
  });

  it('goes on where a broken connection stopped', async () => {
    const answers = [serve(bytes, { pauseAfter: 20_000 }), serve(bytes, { pauseAfter: 5_000 })];
    server.answer = (...args) => (answers.shift() ?? serve(bytes))(...args);
    const source = await received({
      onProgress: (p) => void ([20_000, 25_000].includes(p.received) && server.hangUp()),
    });
    expect(source.kind).toBe('download');
    expect(server.requests).toEqual(['/a.bin', '/a.bin bytes=20000-', '/a.bin bytes=25000-']);
  });

  it('gives an address up that brings nothing, and says why', async () => {
    server.answer = (_, response) => response.destroy();
    expect(await reason()).toMatch(/no address served it: http.*a\.bin: fetch failed \(/);
    expect(server.requests).toEqual(['/a.bin']);
    expect(leftInCache()).toEqual([]);
  });

  it('gives up after three requests to an address that breaks each time', async () => {
    server.answer = serve(bytes, { pauseAfter: 1_000 });
    const onProgress = (p: { received: number }): void =>
      void (p.received % 1_000 === 0 && server.hangUp());
    expect(await reason({ onProgress })).toMatch(/no address served it/);
    const ranges = ['', ' bytes=1000-', ' bytes=2000-'];
    expect(server.requests).toEqual(ranges.map((range) => `/a.bin${range}`));
    expect(leftInCache().length).toBe(1);
  });

  it('takes up, on another day, what an earlier process left', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(folder, 'cache', 'tiny'), { recursive: true });
    writeFileSync(`${cached()}.${dead}-0.part`, bytes.subarray(0, 33_333));
    server.answer = serve(bytes);
    await received();
    expect(server.requests).toEqual(['/a.bin bytes=33333-']);
    expect(leftInCache()).toEqual(['a.bin']);
    expect(Buffer.compare(readFileSync(cached()), bytes)).toBe(0);
  });

  it('leaves alone the part of a process that still runs', async () => {
    const other = `${cached()}.${process.ppid}-0.part`;
    mkdirSync(join(folder, 'cache', 'tiny'), { recursive: true });
    writeFileSync(other, bytes.subarray(0, 100));
    server.answer = serve(bytes);
    await received();
    expect(server.requests).toEqual(['/a.bin']);
    expect(readFileSync(other).length).toBe(100);
  });

  it.each([
    ['complete', bytes, []],
    ['wrong', bytes.map((b) => b ^ 1), ['/a.bin']],
    ['too long', new Uint8Array(60_000), ['/a.bin']],
    ['wrong at its beginning', new Uint8Array(10), ['/a.bin bytes=10-', '/a.bin']],
  ])('checks a part that is %s', async (_, left, requests) => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(folder, 'cache', 'tiny'), { recursive: true });
    writeFileSync(`${cached()}.${dead}-0.part`, left);
    server.answer = serve(bytes);
    await received();
    expect(server.requests).toEqual(requests);
  });

  it('begins anew where the server knows no ranges, or answers with another', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(folder, 'cache', 'tiny'), { recursive: true });
    writeFileSync(`${cached()}.${dead}-0.part`, bytes.subarray(0, 500));
    server.answer = (_, response) => void response.end(bytes);
    await received();
    rmSync(cached());
    writeFileSync(`${cached()}.${dead}-0.part`, bytes.subarray(0, 500));
    server.answer = (request, response) => {
      if (request.headers.range === undefined) return void response.end(bytes);
      response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789');
    };
    await received();
    expect(server.requests).toEqual(['/a.bin bytes=500-', '/a.bin bytes=500-', '/a.bin']);
  });

  it('asks the next address after 404, wrong bytes, a wrong length, no end, or no server', async () => {
    const damaged = bytes.map((b, i) => (i === 7 ? b ^ 1 : b));
    server.answer = (request, response) => {
      const path = request.url!;
      if (path.startsWith('/missing')) response.writeHead(404).end();
      else if (path.startsWith('/damaged')) response.end(damaged);
      else if (path.startsWith('/page')) response.end('<html>Please log in</html>');
      else if (path.startsWith('/endless')) {
        response.write(bytes);
        response.end(bytes);
      } else response.end(bytes);
    };
    const mirrors = ['/missing', '/damaged', '/page', '/endless'].map((path) => server.url + path);
    mirrors.push('http://127.0.0.1:1', 'http://strata.invalid');
    const why = await reason({ mirrors });
    expect(why).toContain('/missing/a.bin: HTTP 404');
    expect(why).toMatch(/\/damaged\/a\.bin: Expected: 50000 bytes with sha256/);
    expect(why).toContain('/page/a.bin: a file of 26 bytes, not 50000');
    expect(why).toContain('/endless/a.bin: more than the 50000 bytes expected');
    expect(why).toMatch(/127\.0\.0\.1:1\/a\.bin: fetch failed|bad port/);
    expect(why).toContain('strata.invalid');
    expect(leftInCache()).toEqual([]);
    mirrors.push(`${server.url}/good/`);
    expect((await received({ mirrors })).kind).toBe('download');
    expect(server.requests.at(-1)).toBe('/good/a.bin');
  });

  it('leaves an address that falls silent', async () => {
    server.answer = () => {};
    expect(await reason({ timeout: 0.05 })).toContain('/a.bin: no bytes for 0.05 s');
  });

  it('ends on a signal with its reason, and keeps what has arrived', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10_000));
    };
    const controller = new AbortController();
    const stop = new Error('enough');
    const onProgress = ({ received }: { received: number }): void => {
      if (received === 10_000) controller.abort(stop);
    };
    expect(await failure(resolve({ signal: controller.signal, onProgress }))).toBe(stop);
    server.answer = serve(bytes);
    await received();
    expect(server.requests).toEqual(['/a.bin', '/a.bin bytes=10000-']);
    expect(await failure(resolve({ signal: AbortSignal.abort(stop), cacheDir: folder }))).toBe(
      stop,
    );
  });

  it('says so when the cache cannot be written', async () => {
    writeFileSync(join(folder, 'cache'), 'a file, not a folder');
    expect(await reason()).toMatch(/a download cannot be kept there \(E.*Set STRATA_CACHE_DIR/);
  });

  it('fetches once for two that ask at a time', async () => {
    server.answer = serve(bytes);
    const kinds = await Promise.all([received(), received()]);
    expect(kinds.map(({ kind }) => kind)).toEqual(['download', 'cache']);
    expect(server.requests).toEqual(['/a.bin']);
  });
});
