import type { Page } from 'playwright-core';
import { type BundledPage, bundlePage } from './bundle-page.js';
import { launchChromium } from './chromium.js';
import { servePage } from './serve-page.js';

/** What a program gave, and what the page complained of meanwhile. */
export interface Ran<T> {
  readonly result: T;
  readonly complaints: readonly string[];
}

export interface RunOptions {
  /** What the program gets. */
  readonly given?: unknown;
  /** Whether the page is isolated from other origins, and so may share memory among threads. Default true. */
  readonly isolated?: boolean;
  /** The processor's cores, as the page is told. Default: as they are. */
  readonly cores?: number;
}

export interface TestBrowser {
  readonly bundle: BundledPage;
  /** Runs a program of the folder's main.ts, which sets `globalThis.run`, in a page of its own. */
  run<T>(name: string, options?: RunOptions): Promise<Ran<T>>;
  close(): Promise<void>;
}

/**
 * Bundles the programs of a folder (`main.ts`, `worker.ts`) and starts a browser for them.
 *
 * @param args more arguments of the browser.
 * @param more files that the pages may load.
 */
export async function openTestBrowser(
  folder: URL,
  args: readonly string[] = [],
  more: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<TestBrowser> {
  const bundle = await bundlePage(folder);
  const server = await servePage(new Map([...bundle.files, ...more]));
  const browser = await launchChromium(args);
  // One for all pages: what one stores, the next finds.
  const context = await browser.newContext();
  return {
    bundle,
    async run<T>(name: string, { given, isolated = true, cores }: RunOptions = {}) {
      const page: Page = await context.newPage();
      if (cores !== undefined) {
        const told = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${cores} })`;
        await page.addInitScript(told);
      }
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`));
      page.on('console', (m) => {
        if (m.type() === 'error' || m.type() === 'warning')
          complaints.push(`${m.type()}: ${m.text()}`);
      });
      await page.goto(isolated ? server.url : `${server.url}open/`);
      await page.waitForFunction('globalThis.run');
      const result = (await page.evaluate(`run('${name}', ${JSON.stringify(given ?? null)})`)) as T;
      await page.close();
      return { result, complaints };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
