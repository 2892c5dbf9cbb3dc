/** Which algorithm computes a convolution: a function of its sizes alone, never of measurements at run time. */
import { BackendError, type ConvolutionAlgorithm } from '@stratajs/core';

export type Algorithm = Exclude<ConvolutionAlgorithm, 'auto'>;

const ALGORITHMS: readonly Algorithm[] = ['direct', 'im2col', 'winograd-2x2', 'winograd-4x4'];

/** The convolution itself, and its gradients with respect to its input and its filter. */
export type Pass = 'forward' | 'input' | 'filter';

/**
 * Picoseconds on one core with AVX-512 for: a product; a value read; a value written; an output of 'direct', a tile of the
 * others; and a value of the transformed filter. Fitted to 1159 shapes from 1x1x1 to 56x56x256. The choice costs 2 % over
 * the best one for each shape, on average; with AVX2 4 %, with generic code 10 %, which is why all sets share the table.
 */
type Costs = readonly [
  product: number,
  read: number,
  written: number,
  place: number,
  filter: number,
];
const SWEEP = {
  direct: [14, 100, 30, 1500, 200],
  'winograd-2x2': [7, 190, 127, 30_000, 400],
  'winograd-4x4': [7, 225, 138, 87_000, 350],
} satisfies Record<string, Costs>;
const FILTER_GRADIENT = {
  direct: [14.7, 300, 14, 1300, 350],
  'winograd-2x2': [6, 300, 180, 0, 320],
  'winograd-4x4': [5, 350, 220, 0, 270],
} satisfies Record<string, Costs>;

/** `sizes` as in conv-sizes.ts. What core's 'auto', or no wish at all, becomes; a wish otherwise. */
export function chooseAlgorithm(
  wish: string | undefined,
  pass: Pass,
  sizes: Int32Array,
): Algorithm {
  if (wish !== undefined && wish !== 'auto') {
    if ((ALGORITHMS as readonly string[]).includes(wish)) return wish as Algorithm;
    throw new BackendError(
      `The CPU engine computes convolutions by ${ALGORITHMS.join(', ')}. Received: the algorithm '${wish}'. Use 'auto'.`,
    );
  }
  const [batch, inHeight, inWidth, channels, outHeight, outWidth, outChannels] =
    sizes as unknown as number[] as [number, number, number, number, number, number, number];
  const [kernelHeight, kernelWidth] = [sizes[7]!, sizes[8]!];
  const isPlain = sizes[9] === 1 && sizes[10] === 1 && sizes[11] === 1 && sizes[12] === 1;
  if (!isPlain || kernelHeight !== 3 || kernelWidth !== 3) return 'direct';

  // The input's gradient sweeps over dy and writes dx.
  const isBack = pass === 'input';
  const height = isBack ? inHeight : outHeight;
  const width = isBack ? inWidth : outWidth;
  const read = isBack ? outChannels : channels;
  const written = isBack ? channels : outChannels;
  const costs = pass === 'filter' ? FILTER_GRADIENT : SWEEP;
  const cost = (
    [product, ofRead, ofWritten, ofPlace, ofFilter]: Costs,
    products: number,
    places: number,
    elements: number,
  ): number =>
    batch * products * read * padded(written) * product +
    batch * places * (elements * (read * ofRead + padded(written) * ofWritten)) +
    batch * places * ofPlace +
    (elements === 1 ? kernelHeight * kernelWidth : elements) * read * written * ofFilter;

  const inside =
    tapsInside(inHeight, outHeight, kernelHeight, sizes[13]!) *
    tapsInside(inWidth, outWidth, kernelWidth, sizes[14]!);
  let best: Algorithm = 'direct';
  let least = cost(costs.direct, inside, height * width, 1);
  for (const [name, tile] of WINOGRAD) {
    const elements = (tile + 2) ** 2;
    const tiles = Math.ceil(height / tile) * Math.ceil(width / tile);
    const other = cost(costs[name], elements * tiles, tiles, elements);
    if (other < least) [best, least] = [name, other];
  }
  return best;
}

const WINOGRAD = [
  ['winograd-2x2', 2],
  ['winograd-4x4', 4],
] as const;

/** Results come in vectors: half ones at least. */
const padded = (channels: number): number => Math.ceil(channels / 8) * 8;

/** Pairs of an output and a tap that meet the image, along one axis. */
function tapsInside(inputs: number, outputs: number, taps: number, padding: number): number {
  let pairs = 0;
  for (let tap = 0; tap < taps; tap++) {
    pairs += Math.max(0, Math.min(outputs, inputs + padding - tap) - Math.max(0, padding - tap));
  }
  return pairs;
}
