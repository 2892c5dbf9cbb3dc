/** Strata in a browser: everything above the platform seam, on WebGL. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundledPage, bundlePage } from './bundle-page.js';
import { chromiumPath, launchChromium } from './chromium.js';
import type { Checked } from './page/conformance.js';
import type { Refused } from './page/refuse.js';
import type { Trained } from './page/train.js';
import { type Served, servePage } from './serve-page.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let bundle: BundledPage;
let server: Served;
let browser: Browser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    bundle = await bundlePage();
    server = await servePage(bundle.files);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Runs a program of test/page in a page of its own; what the page complains of comes back, too. */
  async function run<T>(name: string): Promise<{ result: T; complaints: string[] }> {
    const page: Page = await browser.newPage();
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
  }

  it('imports nothing of Node', () => {
    expect(bundle.ofNode).toEqual([]);
    const kilobytes = Math.round(bundle.gzipped('train') / 1000);
    console.log(`a page that trains mlp on digits with WebGL: ${kilobytes} kB gzipped`);
    expect(kilobytes).toBeLessThan(500);
  });

  it('says why it cannot run, and never throws when asked', async () => {
    const { result, complaints } = await run<Refused>('refuse');
    expect(complaints).toEqual([]);
    expect(result).toEqual({
      sound: null,
      withoutContext: expect.stringContaining('no WebGL 2 context'),
      withoutFloat32: expect.stringContaining('float32 textures'),
      brokenContext: expect.stringContaining('no more contexts'),
      error: expect.stringMatching(
        /^BackendError: .*strata-webgl: the browser gives no WebGL 2 context/s,
      ),
    });
  });

  it('trains mlp on digits with WebGL to 90 %', async () => {
    const { result, complaints } = await run<Trained>('train');
    const { accuracy, seconds, device } = result;
    console.log(`${(100 * accuracy).toFixed(1)} % in ${seconds.toFixed(1)} s on ${device}`);
    expect(complaints).toEqual([]);
    expect(result).toMatchObject({ engine: 'strata-webgl', tier: 'webgl2', disposed: true });
    expect(result.device).not.toBe('');
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]! / 4);
    expect(result.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(new Set(result.tensors).size).toBe(1);
  });

  it('computes in a worker', async () => {
    const { result, complaints } = await run('worker');
    expect(complaints).toEqual([]);
    expect(result).toEqual({ name: 'strata-webgl', document: 'undefined', product: [[11]] });
  });

  it('passes the conformance checks, sines and cosines to 1e-3', async () => {
    const { result, complaints } = await run<Checked>('check');
    console.log(
      `conformance strata-webgl: ${result.total - result.strict.length} of ${result.total} checks pass`,
    );
    expect(complaints).toEqual([]);
    expect(result.total).toBeGreaterThan(600);
    // GLSL leaves the precision of its trigonometric functions open; the software renderer gives 2e-4.
    expect(
      result.strict.filter(({ name }) => !/\b(sin|cos|tan|asin|acos|atan)\b/.test(name)),
    ).toEqual([]);
    expect(result.loose).toEqual([]);
    // Where a processor draws for the GPU, minutes.
  }, 300_000);
});
