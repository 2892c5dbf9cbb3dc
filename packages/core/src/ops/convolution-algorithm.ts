/** The ways in which an engine may compute a convolution, and what each can do. */
import { describe } from '../engine.js';
import { ConfigError } from '../errors.js';
import { nearest } from '../nearest.js';
import { shapeText } from './arguments.js';
import type { Window } from './padding.js';

/**
 * How an engine that knows several ways computes a two-dimensional convolution and its gradients; other
 * engines ignore it. All compute the same sums, rounded differently. The errors are the largest of any
 * result, relative to the largest magnitude among the results, for float32 values of random sign or none
 * and up to 512 channels.
 *
 * - `'auto'`: whichever is fastest by a table of costs, a function of the sizes alone.
 * - `'direct'`: the sum of products as it stands in the formula. Error ≤ 4e-6.
 * - `'im2col'`: all patches copied into one matrix, then one product of matrices; memory for N·H'·W'·h·w·C
 *   elements. Error as direct.
 * - `'winograd-2x2'`: F(2x2, 3x3), 16 products in place of 36. Error ≤ 1.5e-6. Filters of 3x3, strides and
 *   dilations of 1.
 * - `'winograd-4x4'`: F(4x4, 3x3), 36 products in place of 144. Error ≤ 5e-6. Filters, strides and
 *   dilations as above.
 * - `'fft'`: products in the frequency domain, tile by tile. Error ≤ 5e-6. Strides and dilations of 1.
 *
 * Convolutions in groups are 'auto' or 'direct', and so are the gradients of dilated ones, whatever was asked for.
 *
 * What is not finite spreads over its tile in the last three; in direct and im2col it reaches only the
 * results that it enters.
 *
 * A. Lavin and S. Gray, Fast algorithms for convolutional neural networks (2015); M. Mathieu, M. Henaff
 * and Y. LeCun, Fast training of convolutional networks through FFTs (2014).
 */
export type ConvolutionAlgorithm =
  | 'auto'
  | 'direct'
  | 'im2col'
  | 'winograd-2x2'
  | 'winograd-4x4'
  | 'fft';

const ALGORITHMS: readonly ConvolutionAlgorithm[] = [
  'auto',
  'direct',
  'im2col',
  'winograd-2x2',
  'winograd-4x4',
  'fft',
];

/** Throws unless the algorithm exists and can do windows of these kernels, strides and dilations, in so many groups. */
export function checkAlgorithm(
  op: string,
  algorithm: ConvolutionAlgorithm,
  along: readonly Window[],
  groups: number,
): void {
  if (!ALGORITHMS.includes(algorithm)) {
    throw new ConfigError(
      `The algorithm of ${op}() is one of ${ALGORITHMS.map((name) => `'${name}'`).join(', ')}. ` +
        `Received: ${describe(algorithm)}.${nearest(String(algorithm), ALGORITHMS)}`,
    );
  }
  if (algorithm === 'auto' || algorithm === 'direct') return;
  if (groups > 1) {
    throw new ConfigError(
      `The algorithm '${algorithm}' of ${op}() needs a convolution of one group. Received: ${groups} groups. Use 'auto' or 'direct'.`,
    );
  }
  if (algorithm === 'im2col') return;
  const isWinograd = algorithm.startsWith('winograd');
  const isPlain = along.every((w) => w.stride === 1 && w.dilation === 1);
  if (isPlain && (!isWinograd || along.every((w) => w.kernel === 3))) return;
  const kernel = shapeText(along.map((w) => w.kernel));
  const strides = shapeText(along.map((w) => w.stride));
  const dilations = shapeText(along.map((w) => w.dilation));
  throw new ConfigError(
    `The algorithm '${algorithm}' of ${op}() needs ${isWinograd ? 'a 3x3 filter, ' : ''}strides of 1 and dilations of 1. ` +
      `Received: a filter ${kernel}, strides ${strides}, dilations ${dilations}. Use 'auto' or 'direct'.`,
  );
}
