/** tfjs-core's own specs on WebGL, in a browser. */
import {
  chromiumPath,
  judgeSpecs,
  openTestBrowser,
  specFiles,
  type TestBrowser,
} from '@stratajs/browser-tests';
import type { SpecResult } from '@stratajs/browser-tests/page/tfjs-specs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webgl } from '../src/index.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

const { gaps } = webgl();

/** By the name of a spec, of which `*` stands for any part. */
const expectedFailures = {
  'dilation2d dilation gradient *': gaps['Dilation2DBackpropInput']!,
  'draw on canvas context draw *': gaps['Draw']!,
  'floorDiv floorDiv float32':
    'GLSL leaves the last bits of a quotient open: one that is a little less than 2 becomes 2.',
  'gather throws when index is out of bound': 'A GPU reads something else, and throws nothing.',
  'tan numbers exceed float32 precision': 'GLSL leaves the precision of tan open.',
};

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(new URL('./page/', import.meta.url), [], specFiles());
  });
  afterAll(() => browser?.close());

  it("passes tfjs-core's specs", async () => {
    const { result } = await browser.run<SpecResult[]>('specs');
    const { faults, passed, declared, pending } = judgeSpecs(result, expectedFailures);
    console.log(
      `conformance strata-webgl: ${passed} of tfjs-core's specs pass, ${declared} declared gaps, ${pending} put off by tfjs`,
    );
    expect(faults).toEqual([]);
    expect(passed).toBeGreaterThan(4000);
    // Where a processor draws for the GPU, minutes.
  }, 900_000);
});
