/** Strata in a browser: everything above the platform seam, on WebGL. */
import { chromiumPath, openTestBrowser, type TestBrowser } from '@stratajs/browser-tests';
import { engineTests } from '@stratajs/browser-tests/engine-tests';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Errors } from './page/convolve.js';
import type { Lost } from './page/lose.js';
import type { Refused } from './page/refuse.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(new URL('./page/', import.meta.url));
  });
  afterAll(() => browser?.close());

  engineTests({ name: 'strata-webgl', tier: 'webgl2', browser: () => browser });

  it('says why it cannot run, and never throws when asked', async () => {
    const { result, complaints } = await browser.run<Refused>('refuse');
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

  it('tells of a lost context in the next call, hangs in none, and opens anew', async () => {
    const { result } = await browser.run<Lost>('lose');
    const lost = expect.stringMatching(/^BackendError: .*context away.*checkpoint/);
    expect(result).toEqual({ errors: [lost, lost, lost], again: [[11]] });
  });

  it.each(['convolveMany', 'convolveLarge'])('%s: images from the host', async (program) => {
    const { result, complaints } = await browser.run<Errors>(program);
    expect(complaints).toEqual([]);
    const [y, dx, dFilter] = result;
    expect(Math.max(y, dx)).toBeLessThan(1e-4);
    // Each of some 50,000 terms.
    expect(dFilter).toBeLessThan(1e-2);
  });
});
