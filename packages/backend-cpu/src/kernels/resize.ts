/** Images in another size, their gradients, and boxes cut from them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, type Runtime, sizeOf } from './kernel.js';
import {
  type Alignment,
  bilinearTable,
  type LinearTable,
  nearestTable,
  paired,
  spansOf,
} from './resize-table.js';

interface ResizeAttributes extends Alignment {
  readonly size: readonly [number, number];
}

interface Inputs {
  readonly images: TensorInfo;
}

/** tfjs gives float32 for any images; other dtypes go there. */
const resizeBilinear: MakeKernel<Inputs, ResizeAttributes> =
  ({ native, backend }) =>
  ({ images }, { size: [outHeight, outWidth], ...alignment }) => {
    if (images.dtype !== 'float32' || images.shape.length !== 4) return undefined;
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const shape = [batch, outHeight, outWidth, channels];
    if (height * width === 0) return undefined;
    const rows = bilinearTable(height, outHeight, alignment);
    const columns = bilinearTable(width, outWidth, alignment);
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    native.resizeBilinear(
      backend.values(images),
      backend.values(y),
      rows.places,
      rows.shares,
      columns.places,
      columns.shares,
      batch,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      0,
    );
    return y;
  };

const resizeNearest: MakeKernel<Inputs, ResizeAttributes> =
  ({ native, backend }) =>
  ({ images }, { size: [outHeight, outWidth], ...alignment }) => {
    const { dtype } = images;
    if ((dtype !== 'float32' && dtype !== 'int32') || images.shape.length !== 4) return undefined;
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    if (height * width === 0) return undefined;
    const shape = [batch, outHeight, outWidth, channels];
    const y = backend.allocate(shape, dtype, sizeOf(shape));
    native.resizeNearest(
      backend.values(images),
      backend.values(y),
      nearestTable(height, outHeight, alignment),
      nearestTable(width, outWidth, alignment),
      batch,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      0,
    );
    return y;
  };

type Table = (inputs: number, outputs: number, alignment: Alignment) => LinearTable;

/**
 * The transpose of a resizing. tfjs's own kernels know no half-pixel centres, and that of ResizeBilinear
 * swaps height and width in the shape of its result.
 */
function gradient(table: Table): MakeKernel<Inputs & { readonly dy: TensorInfo }, Alignment> {
  return (runtime) =>
    ({ images, dy }, { alignCorners, halfPixelCenters }) => {
      if (images.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      if (images.shape.length !== 4 || dy.shape.length !== 4) return undefined;
      return resizeGradient(runtime, dy, images.shape, table, {
        alignCorners,
        halfPixelCenters: halfPixelCenters ?? false,
      });
    };
}

function resizeGradient(
  { native, backend }: Runtime,
  dy: TensorInfo,
  shape: number[],
  table: Table,
  alignment: Alignment,
): TensorInfo | undefined {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  if (dy.shape[0] !== batch || dy.shape[3] !== channels || height * width === 0) return undefined;
  const rows = table(height, outHeight, alignment);
  const columns = table(width, outWidth, alignment);
  const dx = backend.allocate([...shape], 'float32', sizeOf(shape));
  native.resizeGradient(
    backend.values(dy),
    backend.values(dx),
    rows.places,
    rows.shares,
    columns.places,
    columns.shares,
    batch,
    height,
    width,
    channels,
    outHeight,
    outWidth,
    spansOf(rows, height),
  );
  return dx;
}

const tables: Readonly<Record<'bilinear' | 'nearest', Table>> = {
  bilinear: bilinearTable,
  nearest: (inputs, outputs, alignment) => paired(nearestTable(inputs, outputs, alignment)),
};

interface GradientAttributes extends Alignment {
  readonly method: 'bilinear' | 'nearest';
  readonly inputSize: readonly [number, number];
}

/** core's KERNELS.md defines it. */
const strataGradient: MakeKernel<{ readonly dy: TensorInfo }, GradientAttributes> =
  (runtime) =>
  ({ dy }, { method, inputSize, ...alignment }) => {
    const [batch, , , channels] = dy.shape as [number, number, number, number];
    const shape = [batch, ...inputSize, channels];
    // No tables are of no pixels.
    if (sizeOf(shape) === 0) return runtime.backend.allocate(shape, 'float32', 0);
    return resizeGradient(runtime, dy, shape, tables[method], alignment);
  };

export const resizeKernels: KernelSet = {
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: gradient(tables.bilinear),
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: gradient(tables.nearest),
  StrataResizeGrad: strataGradient,
};
