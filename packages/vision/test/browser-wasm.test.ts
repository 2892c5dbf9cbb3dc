/** Training on the CPU engine's WASM tier in a browser: found, started with threads and without, trained on. */
import { createServer, type Server } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trained } from './page/main.js';

const chromiumPath =
  [process.env['CHROME_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  ) ?? null;
if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

// The package that holds the files is a dependency of the engine's, not of this package.
const { resolve } = createRequire(import.meta.resolve('@stratajs/backend-cpu'));
const wasmFiles = join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
let server: Server;
let browser: Browser;

/** The page at `/isolated/` may share memory among threads, the one at `/` may not. */
async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const page =
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';
  server = createServer((request, response) => {
    const url = request.url ?? '/';
    const isolated =
      url.startsWith('/isolated/') || request.headers.referer?.includes('/isolated/');
    if (isolated) {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
    }
    const name = url.slice(url.lastIndexOf('/') + 1);
    const isWasm = url.startsWith('/wasm/') && name.endsWith('.wasm');
    const body =
      name === '' ? page : isWasm ? readFileSync(join(wasmFiles, name)) : files.get(name);
    response.statusCode = body ? 200 : 404;
    const type = name === '' ? 'text/html' : isWasm ? 'application/wasm' : 'text/javascript';
    response.setHeader('content-type', type);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

async function bundle(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page/main.ts', import.meta.url))],
    outdir: '/page',
    bundle: true,
    write: false,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['strata-source', 'module'],
    logLevel: 'error',
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.split('/').at(-1)!, contents]));
}

/** Runs a program of test/page in a page of its own. */
async function run<T>(
  program: string,
  options: object,
  path: string = '/',
): Promise<{ result: T; complaints: string[] }> {
  const page = await browser.newPage();
  // The program takes half the processor's cores at most: two threads on any machine.
  await page.addInitScript("Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 })");
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') complaints.push(m.text());
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  await page.waitForFunction('globalThis.programs');
  const result = (await page.evaluate(`programs.${program}(${JSON.stringify(options)})`)) as T;
  await page.close();
  return { result, complaints };
}

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    await serve(await bundle());
    browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('trains lenet5 on the WASM tier, which it finds by itself', async () => {
    const { result, complaints } = await run<Trained>('train', { wasmPath: '/wasm' });
    expect(complaints).toEqual([]);
    expect(result).toMatchObject({
      tier: 'wasm',
      simd: true,
      threads: 1,
      whyNotHigher: 'native addons load in Node.js only',
    });
    expect(result.first).toBeGreaterThan(2);
    expect(result.last).toBeLessThan(result.first / 2);
    expect(result.tensors.length).toBe(1);
  });

  it('has threads where the page is isolated, and computes the same with them', async () => {
    const options = { tier: 'wasm', threads: 2, wasmPath: '/wasm' };
    const alone = await run<Trained>('train', { ...options, threads: 1 }, '/isolated/');
    const { result, complaints } = await run<Trained>('train', options, '/isolated/');
    expect(complaints).toEqual([]);
    expect(alone.result.threads).toBe(1);
    expect(result).toEqual({ ...alone.result, threads: 2 });
  });

  it('goes on in JavaScript where no program is served, and says what to do', async () => {
    const { result } = await run('fall', { wasmPath: '/elsewhere' });
    expect(result).toMatchObject({
      tier: 'javascript',
      whyNotHigher: expect.stringMatching(
        /no WebAssembly: http.*\/elsewhere\/tfjs-backend-wasm-simd\.wasm cannot be used: the server answers 404\. Serve the \.wasm files/,
      ),
      product: [[11]],
    });
  });
});
