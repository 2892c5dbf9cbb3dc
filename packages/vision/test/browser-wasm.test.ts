/** Training on the CPU engine's WASM tier in a browser: found, started with threads and without, trained on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// By their place: as a package they would depend on this one, in a circle.
import {
  chromiumPath,
  openTestBrowser,
  type TestBrowser,
  wasmFiles,
} from '../../../.config/browser/index.js';
import type { Trained } from './page/main.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    // The package that holds the files is a dependency of the engine's, not of this package.
    const files = wasmFiles(import.meta.resolve('@stratajs/backend-cpu'));
    browser = await openTestBrowser(new URL('./page/', import.meta.url), [], files);
  });
  afterAll(() => browser?.close());

  it('trains lenet5 on the WASM tier, which it finds by itself', async () => {
    const { result, complaints } = await browser.run<Trained>('train', {
      given: { wasmPath: '/wasm' },
      isolated: false,
      cores: 4,
    });
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
    // The program takes half the processor's cores at most.
    const alone = await browser.run<Trained>('train', {
      given: { ...options, threads: 1 },
      cores: 4,
    });
    const { result, complaints } = await browser.run<Trained>('train', {
      given: options,
      cores: 4,
    });
    expect(complaints).toEqual([]);
    expect(alone.result.threads).toBe(1);
    expect(result).toEqual({ ...alone.result, threads: 2 });
  });

  it('goes on in JavaScript where no program is served, and says what to do', async () => {
    const { result } = await browser.run('fall', {
      given: { wasmPath: '/elsewhere' },
      isolated: false,
    });
    expect(result).toMatchObject({
      tier: 'javascript',
      whyNotHigher: expect.stringMatching(
        /no WebAssembly: http.*\/elsewhere\/tfjs-backend-wasm-simd\.wasm cannot be used: the server answers 404\. Serve the \.wasm files/,
      ),
      product: [[11]],
    });
  });
});
