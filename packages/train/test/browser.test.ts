/** Runs and checkpoints in a browser. */
// By path: the package also has programs that need vision, which is tested with this one.
import { chromiumPath, openTestBrowser, type TestBrowser } from '../../../.config/browser/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './page/main.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(new URL('./page/', import.meta.url));
  });
  afterAll(() => browser?.close());

  it('imports nothing of Node', () => expect(browser.bundle.ofNode).toEqual([]));

  it('goes on with a run in another page, to the same weights bit for bit', async () => {
    const whole = await browser.run<Outcome>('whole');
    const begun = await browser.run<Outcome>('begin');
    expect(begun).toMatchObject({
      complaints: [],
      result: { step: 7, interrupted: true, checkpoint: 'runs/toy/checkpoints/step-000007' },
    });
    expect(await browser.run('again')).toMatchObject({
      result: expect.stringMatching(/^ConfigError: .*runs\/toy, where a run has reached step 7/),
    });
    const rest = await browser.run<Outcome>('resume');
    expect(rest).toMatchObject({ complaints: [], result: { step: 15, interrupted: false } });
    expect(rest.result.weights).toEqual(whole.result.weights);
  });
});
