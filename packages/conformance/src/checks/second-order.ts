/**
 * Hessian-vector products by nesting gradients, against central differences of the gradient:
 *
 *     H·v = ∂/∂x (g(x)·v) ≈ (g(x + h·v) − g(x − h·v)) / 2h,   g = ∂/∂x Σ c·f(x)
 */
import { add, mul, sum, tensor, type Tensor, tidy, valueAndGrad } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertThat, take } from '../compare.js';
import { hostRandom } from '../host-random.js';
import { operationCases } from '../operations/table.js';
import type { OperationCase } from '../operations/types.js';
import { gradientsOf } from './operation-values.js';

const STEP = 0.005;
const RELATIVE = 2e-3;

/** Operations whose gradients training methods differentiate again: penalties, curvature, physics. */
const twiceDifferentiable = [
  'mul',
  'div',
  'pow',
  'exp',
  'log',
  'sqrt',
  'square',
  'sin',
  'sigmoid',
  'tanh',
  'softplus',
  'gelu',
  'gelu, approximate',
  'silu',
  'elu',
  'softmax',
  'logSoftmax',
  'mean, axes',
  'variance',
  'norm',
  'matmul',
  'matmul, transposed both',
  'matmul, batch broadcast',
  'linear',
  'conv2d, valid',
  'conv2d, bias',
  'conv2d, same, strides 2',
  'conv2d, dilations 2',
  'conv2d, groups',
  'conv2d, groups, strides 2',
  'conv2d, groups, dilations 2',
  'depthwiseConv2d, bias',
  'convTranspose2d, groups, dilations 2',
  'conv3d, bias, strides, padding, dilations',
  'depthwiseConv2d, strides 2, dilations 2',
  'avgPool2d',
  'concat',
  'slice',
  'pad',
  'transpose, permutation',
  'gather',
  'softmaxCrossEntropy',
  'softmaxCrossEntropy, labelSmoothing',
  'batchNorm',
  'batchNorm, its statistics',
  'layerNorm',
  'groupNorm',
  'scaledDotProductAttention',
  'scaledDotProductAttention, causal',
  'scaledDotProductAttention, added mask',
];

export function secondOrder(): Check[] {
  return operationCases()
    .filter(({ golden }) => twiceDifferentiable.includes(golden.name))
    .map((operation) => ({ name: operation.golden.name, run: () => check(operation) }));
}

async function check(operation: OperationCase): Promise<void> {
  const { inputs } = operation.golden;
  const random = hostRandom(11);
  const v = inputs.map(({ values }) => values.map(() => 2 * random() - 1));
  const at = (t: number): Tensor[] =>
    inputs.map(({ shape, values }, i) =>
      tensor(
        values.map((x, j) => x + t * v[i]![j]!),
        shape,
      ),
    );
  const products = tidy(() => {
    const directions = v.map((d, i) => tensor(d, inputs[i]!.shape));
    const along = (...xs: Tensor[]): Tensor =>
      gradientsOf(operation, xs)
        .map((g, i) => sum(mul(g, directions[i]!)))
        .reduce((a, b) => add(a, b));
    return valueAndGrad(along)(...at(0)).grads;
  });
  const ahead = await read(tidy(() => gradientsOf(operation, at(STEP))));
  const behind = await read(tidy(() => gradientsOf(operation, at(-STEP))));
  const scale = greatest(ahead.flatMap((g) => Array.from(g)));
  for (const [i, received] of (await read(products)).entries()) {
    const expected = Array.from(ahead[i]!, (g, j) => (g - behind[i]![j]!) / (2 * STEP));
    const worst = greatest(expected.map((e, j) => e - received[j]!));
    // Gradients rounded to float32 leave 1e-7·|g|/h in the difference.
    assertThat(
      worst <= RELATIVE * greatest(expected) + (1e-6 * scale) / STEP,
      `The Hessian-vector product of input ${i} is wrong. ` +
        `Greatest element: ${greatest(expected)}. Greatest difference: ${worst}.`,
    );
  }
}

function greatest(values: readonly number[]): number {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

async function read(tensors: readonly Tensor[]): Promise<ArrayLike<number>[]> {
  const values: ArrayLike<number>[] = [];
  for (const t of tensors) values.push(await take(t));
  return values;
}
