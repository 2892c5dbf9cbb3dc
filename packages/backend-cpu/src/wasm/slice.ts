/** Kernels that cut tensors. tfjs's WASM kernels copy the whole tensor first, for each part of it. */
import { backend_util, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isNumeric, sameShape } from '../kernels/kernel.js';
import { stridesOf } from '../kernels/strided.js';
import type { NumericArray } from '../storage/data-table.js';
import type { StrataWasmBackend } from './backend.js';
import type { MakeWasmKernel, WasmKernelSet } from './kernel.js';

interface Cut {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

const slice: MakeWasmKernel<
  { readonly x: TensorInfo },
  { readonly begin: number | number[]; readonly size: number | number[] }
> =
  ({ backend }) =>
  ({ x }, attributes) => {
    if (!isNumeric(x.dtype)) return undefined;
    // Only their shape and rank are read.
    const asTensor = x as Parameters<typeof slice_util.parseSliceParams>[0];
    const [begin, size] = slice_util.parseSliceParams(asTensor, attributes.begin, attributes.size);
    slice_util.assertParamsValid(asTensor, begin as number[], size as number[]);
    return part(backend, x, { begin: begin as number[], size: size as number[] });
  };

const splitV: MakeWasmKernel<
  { readonly x: TensorInfo },
  { readonly numOrSizeSplits: number | number[]; readonly axis: number }
> =
  ({ backend }) =>
  ({ x }, { numOrSizeSplits, axis }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const at = util.parseAxisParam(axis, x.shape)[0] as number;
    const lengths = backend_util.prepareSplitSize(x as never, numOrSizeSplits, at);
    return parts(backend, x, at, lengths);
  };

const unpack: MakeWasmKernel<{ readonly value: TensorInfo }, { readonly axis: number }> =
  ({ backend }) =>
  ({ value }, { axis }) => {
    if (!isNumeric(value.dtype)) return undefined;
    const at = util.parseAxisParam(axis, value.shape)[0] as number;
    const lengths = Array.from({ length: value.shape[at] as number }, () => 1);
    const shape = value.shape.toSpliced(at, 1);
    return parts(backend, value, at, lengths).map((x) => ({ ...x, shape }));
  };

/** x cut across `axis` into pieces of these lengths. */
function parts(
  backend: StrataWasmBackend,
  x: TensorInfo,
  axis: number,
  lengths: readonly number[],
): TensorInfo[] {
  const begin = x.shape.map(() => 0);
  const made: TensorInfo[] = [];
  try {
    for (const length of lengths) {
      made.push(part(backend, x, { begin, size: x.shape.with(axis, length) }));
      begin[axis] = (begin[axis] as number) + length;
    }
  } catch (error) {
    for (const { dataId } of made) backend.disposeData(dataId);
    throw error;
  }
  return made;
}

function part(backend: StrataWasmBackend, x: TensorInfo, { begin, size }: Cut): TensorInfo {
  if (sameShape(size, x.shape)) return backend.share(x);
  const y = backend.makeOutput([...size], x.dtype);
  copy(backend.typedArrayFromHeap(x), x.shape, { begin, size }, backend.typedArrayFromHeap(y));
  return y;
}

/** Shorter runs are copied element by element: a call of `set` costs more. */
const SHORT = 24;

/** Copies a block of an array of `shape` into one of its size. */
function copy(
  from: NumericArray,
  shape: readonly number[],
  { begin, size }: Cut,
  to: NumericArray,
): void {
  // All inside the innermost axis that is cut lies together.
  let inner = shape.length - 1;
  while (inner > 0 && size[inner] === shape[inner]) inner--;
  const strides = stridesOf(shape);
  const run = (size[inner] as number) * (strides[inner] as number);
  let target = 0;
  const visit = (axis: number, offset: number): void => {
    const stride = strides[axis] as number;
    let source = offset + (begin[axis] as number) * stride;
    if (axis < inner) {
      for (let i = size[axis] as number; i > 0; i--, source += stride) visit(axis + 1, source);
    } else if (run >= SHORT) {
      to.set(from.subarray(source, source + run), target);
      target += run;
    } else {
      for (const end = source + run; source < end; source++, target++) {
        to[target] = from[source] as number;
      }
    }
  };
  visit(0, 0);
}

export const slicingKernels: WasmKernelSet = { Slice: slice, SplitV: splitV, Unpack: unpack };
