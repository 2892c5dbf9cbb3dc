/** Which algorithm computes a convolution: a function of its sizes alone, never of measurements at run time. */
import { BackendError, type ConvolutionAlgorithm } from '@stratajs/core';
import { type Pass, passSizes, type PassSizes } from './convolution-sizes.js';
import { fourierCost } from './fourier-cost.js';

export type Algorithm = Exclude<ConvolutionAlgorithm, 'auto'>;

const ALGORITHMS: readonly Algorithm[] = [
  'direct',
  'im2col',
  'winograd-2x2',
  'winograd-4x4',
  'fft',
];

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
const WINOGRAD = [
  ['winograd-2x2', 2],
  ['winograd-4x4', 4],
] as const;

/** Outputs at a corner meet taps of their own, so that only those of several images fill a tile of a product. */
const FULL_TILE = 8;
/** The filter's spectrum may take so many floats (256 MiB) where nobody wished for it. */
const MOST_FILTER_FLOATS = 2 ** 26;

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
  const of = passSizes(pass, sizes);
  const { rows, columns } = of;
  const taps = Math.max(rows.taps, columns.taps);
  if (!of.isPlain || taps < 3 || taps > 512) return 'direct';
  const costs = pass === 'filter' ? FILTER_GRADIENT : SWEEP;
  let best: Algorithm = 'direct';
  let least = directCost(of, costs.direct);
  if (rows.taps === 3 && columns.taps === 3) {
    for (const [name, tile] of WINOGRAD) {
      const cost = winogradCost(of, costs[name], tile);
      if (cost < least) [best, least] = [name, cost];
    }
  }
  const fourier = fourierCost(of);
  return fourier.cost < least && fourier.filterFloats <= MOST_FILTER_FLOATS ? 'fft' : best;
}

function directCost(
  { batch, rows, columns, read, written }: PassSizes,
  [product, ofRead, ofWritten, ofPlace, ofFilter]: Costs,
): number {
  const corners = rows.pairsAtEdges * columns.pairsAtEdges * Math.max(0, FULL_TILE / batch - 1);
  const products = batch > 0 ? rows.pairs * columns.pairs + corners : 0;
  const places = batch * rows.length * columns.length;
  return (
    batch * products * read * written * product +
    places * (read * ofRead + written * ofWritten + ofPlace) +
    rows.taps * columns.taps * read * written * ofFilter
  );
}

function winogradCost(
  { batch, rows, columns, read, written }: PassSizes,
  [product, ofRead, ofWritten, ofPlace, ofFilter]: Costs,
  tile: 2 | 4,
): number {
  const elements = (tile + 2) ** 2;
  const tiles = batch * Math.ceil(rows.length / tile) * Math.ceil(columns.length / tile);
  return (
    elements * tiles * (read * written * product + read * ofRead + written * ofWritten) +
    tiles * ofPlace +
    elements * read * written * ofFilter
  );
}
