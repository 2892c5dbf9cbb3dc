import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Transposes } from './transposes.js';

export function batchedProduct(
  engine: string,
  backend: object,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA = false, transposeB = false }: Transposes = {},
): TensorInfo {
  return getKernel('BatchMatMul', engine).kernelFunc({
    inputs: { a: asMatrices(a), b: asMatrices(b) },
    attrs: { transposeA, transposeB },
    backend,
  }) as TensorInfo;
}

function asMatrices(x: TensorInfo): TensorInfo {
  const matrices = x.shape.slice(0, -2).reduce((product, axis) => product * axis, 1);
  return { ...x, shape: [matrices, ...x.shape.slice(-2)] };
}
