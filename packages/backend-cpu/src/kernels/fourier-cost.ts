/** What a convolution costs by Fourier transforms, and how large they are best. */
import { BackendError } from '@stratajs/core';
import type { PassSizes } from './convolution-sizes.js';

/** The sides of transforms that native code knows, all powers of two from the first to the last. */
const LEAST_SIDE = 8;
const MOST_SIDE = 1024;
/**
 * Picoseconds as in convolution-algorithm.ts: a product, one level of a transform of one value in all lanes, and a float of
 * the spectra of images and of the filter, which do not fit the caches. Fitted by hand to nine shapes from 5x5 to 31x31, and
 * within a factor of about two of what those take.
 */
const PRODUCT = 16;
const LEVEL = 4000;
const IMAGE_FLOAT = 800;
const FILTER_FLOAT = 1000;
/** The lanes of which a transform takes all, used or not. */
const LANES = 16;

interface FourierCost {
  readonly side: number;
  readonly cost: number;
  /** Floats of the filter's spectrum, which is held as a whole. */
  readonly filterFloats: number;
}

/**
 * Of all sides, the one that costs least.
 *
 * @throws BackendError when the filter is larger than the largest transform.
 */
export function fourierCost({ batch, rows, columns, read, written }: PassSizes): FourierCost {
  const taps = Math.max(rows.taps, columns.taps);
  const longest = Math.max(rows.length, columns.length);
  let best: FourierCost | undefined;
  for (let side = LEAST_SIDE; side <= MOST_SIDE; side *= 2) {
    const tile = side + 1 - taps;
    if (tile < 1) continue;
    const tiles = batch * Math.ceil(rows.length / tile) * Math.ceil(columns.length / tile);
    const pairs = Math.ceil(tiles / 2);
    const [blocksRead, blocksWritten] = [Math.ceil(read / LANES), Math.ceil(written / LANES)];
    const transforms = pairs * (blocksRead + blocksWritten) + Math.ceil(read / 2) * blocksWritten;
    const bins = side * side;
    const imageFloats = bins * pairs * 2 * LANES * (blocksRead + blocksWritten);
    const filterFloats = (bins + 2 * side) * read * written;
    const cost =
      bins * (pairs * 4 * read * written * PRODUCT + transforms * Math.log2(side) * LEVEL) +
      imageFloats * IMAGE_FLOAT +
      filterFloats * FILTER_FLOAT;
    if (best === undefined || cost < best.cost) best = { side, cost, filterFloats };
    if (tile >= longest) break;
  }
  if (best !== undefined) return best;
  throw new BackendError(
    `The CPU engine's Fourier transforms take filters of up to ${MOST_SIDE} taps a side. ` +
      `Received: a filter of [${rows.taps}, ${columns.taps}]. Use the algorithm 'direct'.`,
  );
}
