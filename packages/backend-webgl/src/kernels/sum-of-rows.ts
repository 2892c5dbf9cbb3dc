import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { columnSums, fromSums } from '../shaders/column-sums.js';
import { sizeOf } from '../shaders/program.js';

/**
 * Sum over leading axes, as gradients of biases are: rows are added as they lie, where tfjs transposes first.
 * Other sums go to tfjs's kernel.
 */
export function sumOfRows(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { x: TensorInfo };
    const { axis, keepDims } = call.attrs as unknown as {
      axis: number | number[];
      keepDims: boolean;
    };
    const axes = util.parseAxisParam(axis, x.shape).toSorted((a, b) => a - b);
    const leads = axes.length > 0 && axes.length < x.shape.length && axes.every((a, i) => a === i);
    if (!leads || x.dtype !== 'float32' || sizeOf(x.shape) === 0) return original(call);
    const gpu = call.backend as MathBackendWebGL;
    const rest = x.shape.slice(axes.length);
    // Rows of the last axis are read as they lie; of more axes they are one.
    const rows = {
      ...x,
      shape: rest.length === 1 ? x.shape : [sizeOf(x.shape) / sizeOf(rest), sizeOf(rest)],
    };
    const sums = columnSums(gpu, { wide: { x: rows } }, ['x']);
    const { sum } = fromSums(gpu, sums, { sum: 'first' });
    return { ...sum, shape: keepDims ? [...axes.map(() => 1), ...rest] : rest };
  };
}
