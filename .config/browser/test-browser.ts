import type { Page } from 'playwright-core';
import { type BundledPage, bundlePage } from './bundle-page.js';
import { launchChromium } from './chromium.js';
import { servePage } from './serve-page.js';

/** What a program gave, and what the page complained of meanwhile. */
export interface Ran<T> {
  readonly result: T;
  readonly complaints: readonly string[];
}

export interface TestBrowser {
  readonly bundle: BundledPage;
  /** Runs a program of the folder's main.ts, which sets `globalThis.run`, in a page of its own. */
  run<T>(name: string): Promise<Ran<T>>;
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
    async run<T>(name: string) {
      const page: Page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`));
      page.on('console', (m) => {
        if (m.type() === 'error' || m.type() === 'warning')
          complaints.push(`${m.type()}: ${m.text()}`);
      });
      await page.goto(server.url);
      await page.waitForFunction('globalThis.run');
      const result = (await page.evaluate(`run('${name}')`)) as T;
      await page.close();
      return { result, complaints };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
