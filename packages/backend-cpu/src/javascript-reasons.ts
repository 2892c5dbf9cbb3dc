/** Why the native tier leaves kernels to JavaScript. */

const SHAPES_FROM_VALUES =
  'the shape of its result depends on values, so that it runs on the host in any case';
const STRINGS = 'it works on strings, which native code does not hold';
const SHAPES = 'it computes with shapes, a handful of numbers';
const ONE_LOOP =
  'it writes an array in one loop over numbers, or looks up places, which JavaScript does as fast';
const RANDOM = "its random numbers are tfjs's own; Strata draws others, by StrataRandom kernels";
const CANVAS = "it draws on a browser's canvas";
const MADE_OF_OTHERS = 'core computes what it does by other kernels, which are native';

/** Reason → names of kernels. */
const KERNELS: readonly (readonly [reason: string, kernels: string])[] = [
  [SHAPES_FROM_VALUES, 'NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 Unique'],
  [SHAPES_FROM_VALUES, 'RaggedGather RaggedRange RaggedTensorToTensor'],
  [SHAPES_FROM_VALUES, 'SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum'],
  [STRINGS, 'StaticRegexReplace StringNGrams StringSplit StringToHashBucketFast'],
  [SHAPES, 'BroadcastArgs'],
  [ONE_LOOP, 'LinSpace Range SearchSorted'],
  [RANDOM, 'Multinomial'],
  [CANVAS, 'Draw'],
  [MADE_OF_OTHERS, 'FusedBatchNorm'],
];

/** For every kernel that the native tier leaves to JavaScript altogether, why. */
export const javascriptReasons: ReadonlyMap<string, string> = new Map(
  KERNELS.flatMap(([reason, kernels]) =>
    kernels.split(' ').map((kernel) => [kernel, reason] as const),
  ),
);

/** Why the native tier leaves this kernel to JavaScript; null for one that it does not. */
export function whyJavascript(kernel: string): string | null {
  return javascriptReasons.get(kernel) ?? null;
}
