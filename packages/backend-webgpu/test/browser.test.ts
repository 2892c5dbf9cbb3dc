/** Strata in a browser: everything above the platform seam, on WebGPU. */
import { chromiumPath, openTestBrowser, type TestBrowser } from '@stratajs/browser-tests';
import { engineTests } from '@stratajs/browser-tests/engine-tests';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lost } from './page/lose.js';
import type { Refused } from './page/refuse.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    // Without a GPU that it trusts, Chromium offers its software adapter only when told to.
    browser = await openTestBrowser(new URL('./page/', import.meta.url), [
      '--enable-unsafe-webgpu',
    ]);
  });
  afterAll(() => browser?.close());

  engineTests({ name: 'strata-webgpu', tier: 'webgpu', browser: () => browser });

  it('finds an adapter', async () => {
    expect(await browser.run('probe')).toEqual({ result: null, complaints: [] });
  });

  it('says why it cannot run, and never throws when asked', async () => {
    const { result, complaints } = await browser.run<Refused>('refuse');
    expect(complaints).toEqual([]);
    expect(result).toEqual({
      withoutGpu: expect.stringContaining('navigator.gpu'),
      withoutAdapter: expect.stringContaining('no adapter'),
      withoutDevice: expect.stringMatching(/no device: .*limit exceeded/),
      broken: expect.stringContaining('the GPU process is gone'),
      error: expect.stringMatching(/^BackendError: .*strata-webgpu: WebGPU needs a browser/s),
    });
  });

  it('tells of a lost device in the next call, and opens anew', async () => {
    const { result } = await browser.run<Lost>('lose');
    const lost = expect.stringMatching(/^BackendError: .*device was lost.*checkpoint/);
    expect(result).toEqual({ errors: [lost, lost, lost], again: [[11]] });
  });
});
