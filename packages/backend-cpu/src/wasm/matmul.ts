/**
 * Products of matrices, each as one product of XNNPACK. tfjs's WASM kernels reach it only for two single
 * matrices as they stand; for transposed or batched ones they loop, at a fifteenth of its speed.
 */
import { broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { broadcastIndices } from '../kernels/matmul.js';
import { type EpilogueAttributes, type EpilogueInputs, finish, plan } from './epilogue.js';
import {
  idOf,
  isFloat,
  type MakeWasmKernel,
  using,
  type WasmKernelSet,
  type WasmRuntime,
} from './kernel.js';

interface Inputs extends EpilogueInputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

interface Attributes extends EpilogueAttributes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** y = a·b + bias of rows [m, k], columns [k, n]; by the program's numbers, 0 for no bias. */
type Multiply = (
  sizes: { readonly m: number; readonly k: number; readonly n: number },
  a: number,
  b: number,
  y: number,
  bias: number,
) => void;

/** activation(a·b + bias) for every pair of matrices of two batches, which broadcast. */
const matmul: MakeWasmKernel<Inputs, Attributes> = (runtime) => {
  const multiply = multiplier(runtime);
  return (inputs, attributes) => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const { transposeA, transposeB } = attributes;
    if (!isFloat(a, b, bias, preluActivationWeights)) return undefined;
    if (Math.min(a.shape.length, b.shape.length) < 2) return undefined;
    if (util.sizeFromShape(a.shape) * util.sizeFromShape(b.shape) === 0) return undefined;
    const left = transposeA ? transposed(runtime, a) : runtime.backend.share(a);
    return using(runtime, left, () => {
      const right = transposeB ? transposed(runtime, b) : runtime.backend.share(b);
      return using(runtime, right, () => {
        const n = right.shape.at(-1) as number;
        const epilogue = plan(inputs, attributes, n);
        if (epilogue === null || left.shape.at(-1) !== right.shape.at(-2)) return undefined;
        const biasId = epilogue.bias ? idOf(runtime, epilogue.bias) : 0;
        const y = product(runtime, multiply, left, right, biasId);
        return finish(runtime, y, epilogue, inputs, attributes);
      });
    });
  };
};

function product(
  runtime: WasmRuntime,
  multiply: Multiply,
  a: TensorInfo,
  b: TensorInfo,
  bias: number,
): TensorInfo {
  const { backend } = runtime;
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1) as number;
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const outer = broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const y = backend.makeOutput([...outer, m, n], 'float32');
  const batch = util.sizeFromShape(outer);
  if (util.sizeFromShape(outerB) === 1) {
    // The same columns for all: one product of more rows.
    multiply({ m: batch * m, k, n }, idOf(runtime, a), idOf(runtime, b), idOf(runtime, y), bias);
    return y;
  }
  const ofA = broadcastIndices(outerA, outer);
  const ofB = broadcastIndices(outerB, outer);
  for (let z = 0; z < batch; z++) {
    backend.withPart(a, (ofA[z] as number) * m * k, m * k, (partA) =>
      backend.withPart(b, (ofB[z] as number) * k * n, k * n, (partB) =>
        backend.withPart(y, z * m * n, m * n, (partY) =>
          multiply({ m, k, n }, partA, partB, partY, bias),
        ),
      ),
    );
  }
  return y;
}

function multiplier({ wasm }: WasmRuntime): Multiply {
  const fused = wasm.cwrap('_FusedMatMul', null, [
    'number', // a
    'array', // its shape
    'number', // its rank
    'number', // b
    'array',
    'number',
    'number', // transposeA
    'number', // transposeB
    'number', // activation
    'number', // bias
    'number', // weights of prelu
    'number', // alpha of leakyRelu
    'number', // result
  ]);
  const ofShape = (rows: number, columns: number): Uint8Array =>
    new Uint8Array(new Int32Array([1, rows, columns]).buffer);
  return ({ m, k, n }, a, b, y, bias) => {
    fused(a, ofShape(m, k), 3, b, ofShape(k, n), 3, 0, 0, 0, bias, 0, 0, y);
  };
}

/** The last two axes exchanged. */
function transposed(runtime: WasmRuntime, x: TensorInfo): TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  return runtime.run(
    'Transpose',
    { x },
    { perm: [...axes.slice(0, -2), ...axes.slice(-2).toReversed()] },
  );
}

export const matmulKernels: WasmKernelSet = { BatchMatMul: matmul, _FusedMatMul: matmul };
