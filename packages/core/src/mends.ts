/**
 * For engines that stand on tfjs's: kernels of tfjs's that are wrong in one of its engines or another, or cover less than others do, mended.
 * Each makes a kernel from the one that tfjs has; `engine` is the name under which kernels are registered.
 *
 *     const { kernelFunc } = getKernel('PadV2', 'my-engine');
 *     registerKernel({ kernelName: 'PadV2', backendName: 'my-engine', kernelFunc: padByAxis(kernelFunc, 'my-engine') });
 */
import * as axisByAxis from './mends/axis-by-axis.js';
import * as product from './mends/batched-product.js';
import * as select from './mends/flat-select.js';
import * as gatherNd from './mends/gather-nd.js';
import * as mask from './mends/mask-place.js';
import type { Transposes } from './mends/transposes.js';
import * as window from './mends/unit-window.js';

/** `Kernel` is tfjs's `KernelFunc`, which types of Strata do not mention. */
export type Mend = <Kernel>(original: Kernel, engine: string) => Kernel;

/** PadV2 of any number of axes from one of four at most. */
export const padByAxis: Mend = axisByAxis.padByAxis as Mend;
/** StridedSlice of any number of axes from one of four at most. */
export const stridedSliceByAxis: Mend = axisByAxis.stridedSliceByAxis as Mend;
/** GatherNd that frees what it reshapes also where the host computes. */
export const gatherNdWithoutLeak: Mend = gatherNd.gatherNdWithoutLeak as unknown as Mend;
/** Select of any number of axes from one of four at most. */
export const flatSelect: Mend = select.flatSelect as unknown as Mend;

export type { UnitWindow } from './mends/unit-window.js';

/**
 * What the filter of a convolution sees at a time, for engines that have kernels of their own for filters that move by one pixel
 * and have no holes; null for other convolutions, for single pixels, for groups, and for channels before pixels.
 *
 * @param x shape of the images, [batch, rows, columns, channels].
 * @param filter shape [rows, columns, channels, channels of the result].
 * @param attributes those that tfjs gives to Conv2D and its gradients.
 */
export const unitWindow: (
  x: readonly number[],
  filter: readonly number[],
  attributes: unknown,
) => window.UnitWindow | null = window.unitWindow;

export type { MaskPlace } from './mends/mask-place.js';

/**
 * Where in the mask of `StrataAttention` the element lies that belongs to a score, for engines with a kernel of their own: that of matrix m,
 * whose number along axis a of the leading four is i_a, row r and column c is at Σ i_a·strides[a] + r·rowStride + c. null beyond four axes.
 *
 * @param mask shape of the mask.
 * @param batch the axes of the queries before the last two.
 */
export const maskPlace: (
  mask: readonly number[],
  batch: readonly number[],
) => mask.MaskPlace | null = mask.maskPlace;

export type { Transposes } from './mends/transposes.js';

/** What tfjs knows of a tensor, `TensorInfo`. */
interface Info {
  dataId: object;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool' | 'complex64' | 'string';
}

/**
 * The products of the last two axes of a and b, [matrices, …, …], by the engine's own BatchMatMul: for its other kernels, whose inputs are
 * as `TensorInfo`. The caller frees it.
 */
export const batchedProduct: (
  engine: string,
  backend: object,
  a: Info,
  b: Info,
  transposes?: Transposes,
) => Info = product.batchedProduct;
