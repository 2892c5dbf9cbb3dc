/** Products of matrices. */
import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { broadcastShapes, checkTensor, sameShape, shapeText, sizeOf } from './arguments.js';
import { broadcastTo, reshape } from './shape.js';

export interface MatmulOptions {
  /** Use aᵀ (of its last two axes). Default false. */
  readonly transposeA?: boolean;
  /** Use bᵀ (of its last two axes). Default false. */
  readonly transposeB?: boolean;
}

/**
 * a · b of the last two axes: [..., m, k] · [..., k, n] → [..., m, n], float32. The axes before are
 * batches and broadcast.
 *
 * @throws ShapeError when the inner sizes differ.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  checkMatrix(a, 'a');
  checkMatrix(b, 'b');
  const [m, k] = lastTwo(a, transposeA);
  const [inner, n] = lastTwo(b, transposeB);
  if (k !== inner) {
    throw new ShapeError(
      `matmul() multiplies [..., m, k] by [..., k, n]. Received: a ${shapeText(a.shape)}${transposeA ? ' transposed' : ''}, ` +
        `b ${shapeText(b.shape)}${transposeB ? ' transposed' : ''}: ${k} and ${inner} differ. Transpose or reshape() one.`,
    );
  }
  const attrs = { transposeA, transposeB };
  if (a.shape.length === 2 && b.shape.length === 2 && a.size > 0 && b.size > 0) {
    return run('BatchMatMul', { a, b }, attrs);
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes(batchA, batchB, 'matmul');
  if (a.size === 0 || b.size === 0) {
    return run('Fill', {}, { shape: [...batch, m, n], value: 0, dtype: 'float32' });
  }
  return tidy(() => {
    // One product in place of many, when every matrix of the batch meets the same b.
    if (b.shape.length === 2 && !transposeA) {
      return reshape(run('BatchMatMul', { a: reshape(a, [-1, k]), b }, attrs), [...batch, m, n]);
    }
    // The kernels repeat a batch of one only.
    const whole = (x: Tensor, own: number[]): Tensor =>
      sameShape(own, batch) || sizeOf(own) === 1
        ? x
        : broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    const merged = (x: Tensor): Tensor => reshape(x, [-1, ...x.shape.slice(-2)]);
    const product = run(
      'BatchMatMul',
      { a: merged(whole(a, batchA)), b: merged(whole(b, batchB)) },
      attrs,
    );
    return reshape(product, [...batch, m, n]);
  });
}

/**
 * x · Wᵀ + b: x [..., in], weight [out, in] as PyTorch stores it, bias [out] → [..., out].
 *
 * @throws ShapeError when the sizes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  checkTensor(x, 'linear');
  checkTensor(weight, 'linear', 'weight');
  if (bias !== undefined) checkTensor(bias, 'linear', 'bias');
  const [out, features] = weight.shape;
  const fits =
    weight.shape.length === 2 &&
    x.shape.length >= 1 &&
    x.shape.at(-1) === features &&
    (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === out)) &&
    x.dtype === 'float32' &&
    weight.dtype === 'float32' &&
    (bias === undefined || bias.dtype === 'float32');
  if (!fits) {
    throw new ShapeError(
      `linear() takes float32 x [..., in], weight [out, in] and bias [out]. Received: x ${describe(x)}, ` +
        `weight ${describe(weight)}${bias ? `, bias ${describe(bias)}` : ''}.` +
        (x.shape.at(-1) === out && out !== features
          ? ' The weight looks transposed: transpose() it.'
          : ''),
    );
  }
  if (x.shape.length === 2 && x.size > 0) return product(x, weight, bias);
  const shape = [...x.shape.slice(0, -1), out!];
  if (x.size === 0) return tidy(() => emptyProduct(shape, bias));
  return tidy(() => reshape(product(reshape(x, [-1, features!]), weight, bias), shape));
}

function product(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  if (bias === undefined) {
    return run('BatchMatMul', { a: x, b: weight }, { transposeA: false, transposeB: true });
  }
  return run(
    '_FusedMatMul',
    { a: x, b: weight, bias },
    { transposeA: false, transposeB: true, activation: 'linear', leakyreluAlpha: undefined },
  );
}

function emptyProduct(shape: number[], bias: Tensor | undefined): Tensor {
  if (bias) return broadcastTo(bias, shape);
  return run('Fill', {}, { shape, value: 0, dtype: 'float32' });
}

function checkMatrix(x: Tensor, name: string): void {
  checkTensor(x, 'matmul', name);
  if (x.shape.length >= 2 && x.dtype === 'float32') return;
  throw new ShapeError(
    `matmul() takes float32 tensors of at least two axes. Received: ${name} is ${describe(x)}. ` +
      `${x.dtype === 'float32' ? 'expandDims() a vector first.' : 'cast() it first.'}`,
  );
}

function lastTwo(x: Tensor, transposed: boolean): [rows: number, columns: number] {
  const rows = x.shape.at(-2)!;
  const columns = x.shape.at(-1)!;
  return transposed ? [columns, rows] : [rows, columns];
}
