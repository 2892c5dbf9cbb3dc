import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { flatRead, runShader, sizeOf } from './program.js';

/** Rows that one fragment adds up alone. */
const FEW = 256;

/**
 * Sum over leading axes, as gradients of biases are: rows are added as they lie, where tfjs transposes first. Many rows are added
 * in √rows parts. Other sums go to tfjs's kernel.
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
    const [rows, columns] = [sizeOf(x.shape.slice(0, axes.length)), sizeOf(rest)];
    const shape = keepDims ? [...axes.map(() => 1), ...rest] : rest;
    if (rows <= FEW) return { ...partSums(gpu, x, rows, columns, rows), shape };
    const parts = partSums(gpu, x, rows, columns, Math.ceil(Math.sqrt(rows)));
    const sum = partSums(gpu, parts, parts.shape[0]!, columns, parts.shape[0]!);
    gpu.disposeData(parts.dataId);
    return { ...sum, shape };
  };
}

/** [parts, columns]: each part the sum of `rowsOfPart` rows. */
function partSums(
  gpu: MathBackendWebGL,
  x: TensorInfo,
  rows: number,
  columns: number,
  rowsOfPart: number,
): TensorInfo {
  return runShader(
    gpu,
    {
      inputs: ['X'],
      shape: [Math.ceil(rows / rowsOfPart), columns],
      dtype: 'float32',
      code: `
        ${flatRead('X', x.shape)}
        void main() {
          ivec2 at = getOutputCoords();
          int end = min((at.x + 1) * ${rowsOfPart}, ${rows});
          float sum = 0.0;
          for (int row = at.x * ${rowsOfPart}; row < end; row++) sum += flatX(row * ${columns} + at.y);
          setOutput(sum);
        }
      `,
    },
    [x],
  );
}
