/** Both sides of a comparison in one page of a browser: each in a frame of its own, with an engine and a heap of its own. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import type { Frame as BrowserFrame, Page } from 'playwright-core';
import type { Contender } from '../peer.js';
import type { Frame } from './frame.js';

export type BrowserEngine = 'webgl' | 'webgpu' | 'wasm';

export interface Pages {
  /** Ours first, in a page that nobody else uses; `close` closes it. */
  open(
    engine: BrowserEngine,
  ): Promise<{ readonly contenders: readonly Contender[]; close(): Promise<void> }>;
  close(): Promise<void>;
}

const SIDES = ['strata', 'tfjs'] as const;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
];

/** Pages in the Chromium of this machine, or what would make it possible. */
export async function openPages(): Promise<Pages | string> {
  const executablePath = [process.env['CHROME_PATH'], ...PLACES].find((p) => p && existsSync(p));
  if (executablePath === undefined) return 'no Chromium: install one, or set CHROME_PATH';
  let server: Server;
  let chromium;
  try {
    ({ chromium } = await import('playwright-core'));
    server = await serve(await bundle());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${reason.split('\n')[0]}: npm install playwright-core esbuild, and the engines and tfjs packages that it names`;
  }
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  return {
    async open(engine) {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      const contenders = [];
      for (const side of SIDES) contenders.push(await startSide(page, side, engine));
      return { contenders, close: () => page.close() };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function startSide(page: Page, side: string, engine: BrowserEngine): Promise<Contender> {
  const frame: BrowserFrame = page.frame(side)!;
  const call = (method: keyof Frame, value: string | number): Promise<unknown> =>
    frame.evaluate(`side.${method}(${JSON.stringify(value)})`).catch((error: Error) => {
      // The rest is where in the bundle it happened.
      throw new StrataError(error.message.split('\n')[0]!, { cause: error });
    });
  await frame.waitForFunction('globalThis.side');
  const description = (await call('start', engine)) as string;
  return {
    name: side === 'tfjs' ? 'tfjs-layers' : side,
    description,
    prepare: async (workload) => void (await call('prepare', workload)),
    run: (times) => call('run', times) as ReturnType<Contender['run']>,
  };
}

async function bundle(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: SIDES.map((side) => fileURLToPath(new URL(`./${side}-side.js`, import.meta.url))),
    outdir: '/page',
    bundle: true,
    write: false,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['module'],
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** On this machine only; isolated, so that WebAssembly may have threads. */
async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const { resolve } = createRequire(import.meta.url);
  const wasm = join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  const frames = SIDES.map((side) => `<iframe name="${side}" src="/${side}"></iframe>`);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const name = basename(path);
    const side = SIDES.find((s) => s === name);
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    if (path === '/' || side !== undefined) {
      response.setHeader('content-type', 'text/html');
      const script = `<script type="module" src="/${side}-side.js"></script>`;
      response.end(`<!doctype html>${side === undefined ? frames.join('') : script}`);
    } else if (name.endsWith('.wasm')) {
      response.setHeader('content-type', 'application/wasm');
      response.end(readFileSync(join(wasm, name)));
    } else {
      const file = files.get(name);
      response.statusCode = file ? 200 : 404;
      response.setHeader('content-type', 'text/javascript');
      response.end(file);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
