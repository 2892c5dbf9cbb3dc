/**
 * Attention and its gradient (core/src/extension/attention-kernels.ts says what is computed): products of matrices, and between them
 * scaling, masks and softmax in two programs, where core's composite takes one for each step.
 */
import { compositeOf } from '@stratajs/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import {
  type AttentionAttributes,
  fits,
  matricesOf,
  multiply,
  type Queries,
  type Scores,
  scoresOf,
} from './attention-scores.js';
import { runShader } from '../shaders/program.js';

type Inputs = Queries & Readonly<Record<'v' | 'y' | 'dy', TensorInfo>>;

const composite = compositeOf('StrataAttention');
const gradientComposite = compositeOf('StrataAttentionGrad');

export const attention: KernelFunc = (call) => {
  const inputs = call.inputs as unknown as Inputs;
  if (!fits(inputs)) return composite(call) as TensorInfo[];
  const gpu = call.backend as WebGPUBackend;
  const scores = scoresOf(gpu, inputs, call.attrs as unknown as AttentionAttributes);
  const weights = weightsOf(gpu, scores);
  const { q, v } = inputs;
  const leading = q.shape.slice(0, -1);
  const y = multiply(gpu, weights, v);
  const logSumExp = runShader(gpu, {
    key: 'attention-log-sum-exp',
    inputs: { Rows: scores.rows },
    shape: leading,
    dtype: 'float32',
    // Where nothing is seen. In the code an infinite number would be an error.
    numbers: { none: -Infinity },
    element:
      'select(log(Rows[2 * index + 1]) + Rows[2 * index], uniforms.none, Rows[2 * index + 1] == 0.0)',
  });
  free(gpu, [scores.raw, scores.rows, weights]);
  return [{ ...y, shape: [...leading, v.shape.at(-1)!] }, logSumExp];
};

export const attentionGradient: KernelFunc = (call) => {
  const inputs = call.inputs as unknown as Inputs;
  if (!fits(inputs)) return gradientComposite(call) as TensorInfo[];
  const gpu = call.backend as WebGPUBackend;
  const attributes = call.attrs as unknown as AttentionAttributes;
  const scores = scoresOf(gpu, inputs, attributes);
  const weights = weightsOf(gpu, scores);
  const { q, k, v, y, dy } = inputs;
  const dWeights = multiply(gpu, dy, v, { transposeB: true });
  // Σ dy∘y of a row is what its weights' slopes are on the mean.
  const means = runShader(gpu, {
    key: 'attention-means',
    inputs: { Y: y, Dy: dy },
    shape: [matricesOf(y), y.shape.at(-2)!],
    dtype: 'float32',
    ints: { features: y.shape.at(-1)! },
    before: `
      var sum = 0.0;
      for (var i = index * uniforms.features; i < (index + 1) * uniforms.features; i = i + 1) {
        sum = sum + Y[i] * Dy[i];
      }
    `,
    element: 'sum',
  });
  const dScores = runShader(gpu, {
    key: 'attention-scores-gradient',
    inputs: { Weights: weights, Slopes: dWeights, Means: means },
    shape: weights.shape,
    dtype: 'float32',
    numbers: { scale: attributes.scale },
    ints: { width: k.shape.at(-2)! },
    element: 'uniforms.scale * Weights[index] * (Slopes[index] - Means[index / uniforms.width])',
  });
  const of = (x: TensorInfo, gradient: TensorInfo): TensorInfo => ({ ...gradient, shape: x.shape });
  const gradients = [
    of(q, multiply(gpu, dScores, k)),
    of(k, multiply(gpu, dScores, q, { transposeA: true })),
    of(v, multiply(gpu, weights, dy, { transposeA: true })),
  ];
  free(gpu, [scores.raw, scores.rows, weights, dWeights, means, dScores]);
  return gradients;
};

/** [matrices, L, S], 0 where a key is not seen. */
function weightsOf(gpu: WebGPUBackend, { raw, rows, reading }: Scores): TensorInfo {
  return runShader(gpu, {
    ...reading,
    key: `${reading.key}-weights`,
    inputs: { ...reading.inputs, Rows: rows },
    shape: raw.shape,
    dtype: 'float32',
    before: `
      let column = index % uniforms.width;
      let r = index / uniforms.width;
      let m = r / uniforms.height;
      let row = r % uniforms.height;
      var weight = 0.0;
      if (seen(m, row, column)) {
        weight = exp(score(m, row, column) - Rows[2 * r]) / Rows[2 * r + 1];
      }
    `,
    element: 'weight',
  });
}

function free(gpu: WebGPUBackend, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) gpu.disposeData(dataId);
}
