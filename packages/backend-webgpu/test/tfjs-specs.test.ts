/** tfjs-core's own specs on WebGPU, in a browser. */
import {
  chromiumPath,
  judgeSpecs,
  openTestBrowser,
  specFiles,
  type TestBrowser,
} from '@stratajs/browser-tests';
import type { SpecResult } from '@stratajs/browser-tests/page/tfjs-specs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

const { gaps } = webgpu();

const notRegistered = (kernel: string): string => gaps[kernel]!;
const NAN =
  'WGSL may take for granted that there is no NaN, and max() and exp() of the software adapter do.';
const PRECISION = 'WGSL leaves the precision of trigonometric functions open.';
const NO_THROW = 'A GPU reads something else, and throws nothing.';

const named = (suite: string, reason: string, specs: readonly string[]): Record<string, string> =>
  Object.fromEntries(specs.map((spec) => [`${suite} ${spec}`, reason]));

/** By the name of a spec, of which `*` stands for any part. */
const expectedFailures = {
  'acosh propagates NaNs': NAN,
  'asinh propagates NaNs': NAN,
  'atanh propagates NaNs': NAN,
  'sigmoid propagates NaNs': NAN,
  'softmax Propagates NaNs': NAN,
  'cos gradients: Scalar': PRECISION,
  'cos gradient with clones': PRECISION,
  'tan numbers exceed float32 precision': PRECISION,
  'tan gradients: Tensor2D': PRECISION,
  'gather throws when index is out of bound': NO_THROW,
  ...named('sparseSegmentMean throw error if', NO_THROW, [
    'indices < 0',
    'indices >= max rows',
    'segment ids are not increasing',
    'segment id is out of range*',
    'segment id is negative*',
  ]),
  ...named('sparseSegmentSum', NO_THROW, [
    'indices invalid 1',
    'indices invalid 2',
    ...[2, 3, 4, 6, 7].map((n) => `segments invalid ${n}`),
  ]),
  'bitwiseAnd a bitwiseAnd b': notRegistered('BitwiseAnd'),
  'nonMaxSuppression NonMaxSuppressionPadded *': notRegistered('NonMaxSuppressionV4'),
  'raggedGather *': notRegistered('RaggedGather'),
  'raggedRange *': notRegistered('RaggedRange'),
  'raggedTensorToTensor *': notRegistered('RaggedTensorToTensor'),
  'sparseFillEmptyRows *': notRegistered('SparseFillEmptyRows'),
  'sparseReshape *': notRegistered('SparseReshape'),
  'staticRegexReplace *': notRegistered('StaticRegexReplace'),
  'stringSplit *': notRegistered('StringSplit'),
  ...named('stringToHashBucketFast', notRegistered('StringToHashBucketFast'), [
    'one bucket maps values to zero',
    'multiple buckets',
    'empty input',
    'preserve size',
  ]),
  'unique *': notRegistered('Unique'),
  'threshold method otsu*': "tfjs's program of Bincount does not compile.",
  'fromPixels fromPixels for HTMLVideoElement': 'The software adapter imports no videos.',
  'draw on canvas context *':
    'Not run: without a GPU a canvas takes the device away from the whole page.',
};

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(
      new URL('./page/', import.meta.url),
      ['--enable-unsafe-webgpu'],
      specFiles(),
    );
  });
  afterAll(() => browser?.close());

  it("passes tfjs-core's specs", async () => {
    const { result } = await browser.run<SpecResult[]>('specs');
    const { faults, passed, declared, pending } = judgeSpecs(result, expectedFailures);
    console.log(
      `conformance strata-webgpu: ${passed} of tfjs-core's specs pass, ${declared} declared gaps, ${pending} put off by tfjs`,
    );
    expect(faults).toEqual([]);
    expect(passed).toBeGreaterThan(4000);
    // Where a processor draws for the GPU, minutes.
  }, 900_000);
});
