/** The cross entropy of softmaxes with class indices: a pass over each row, and one over all for the gradient. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { runShader } from '../shaders/program.js';

type Inputs = Readonly<Record<'logits' | 'labels' | 'dy', TensorInfo>>;

/** `statistics(row)`: a row's largest logit, and the sum of the exponentials of all distances to it. */
const statistics = (classes: number): string => `
  fn statistics(row : i32) -> vec2<f32> {
    var top = Logits[row * ${classes}];
    for (var c = 1; c < ${classes}; c = c + 1) {
      top = max(top, Logits[row * ${classes} + c]);
    }
    var sum = 0.0;
    for (var c = 0; c < ${classes}; c = c + 1) {
      sum = sum + exp(Logits[row * ${classes} + c] - top);
    }
    return vec2<f32>(top, sum);
  }
`;
/** What is no number must come as a uniform: in the code it would be an error. */
const nan = Number.NaN;

export const softmaxCrossEntropy: KernelFunc = ({ inputs, attrs, backend }) => {
  const { logits, labels } = inputs as unknown as Inputs;
  const smoothing = (attrs as { labelSmoothing?: number }).labelSmoothing ?? 0;
  const [n, classes] = logits.shape as [number, number];
  // Only where it is asked for: of a masked class (−∞) nothing may be taken, not even 0 times.
  const smoothed = `
    var all = 0.0;
    for (var c = 0; c < ${classes}; c = c + 1) {
      all = all + Logits[index * ${classes} + c] - s.x - log(s.y);
    }
    loss = (1.0 - uniforms.smoothing) * loss - uniforms.smoothing / ${classes}.0 * all;
  `;
  return runShader(backend as WebGPUBackend, {
    key: `cross-entropy-${classes}-${smoothing > 0}`,
    inputs: { Logits: logits, Labels: labels },
    shape: [n],
    dtype: 'float32',
    numbers: { smoothing, nan },
    declarations: statistics(classes),
    before: `
      let label = Labels[index];
      let s = statistics(index);
      var loss = log(s.y) - (Logits[index * ${classes} + clamp(label, 0, ${classes - 1})] - s.x);
      ${smoothing > 0 ? smoothed : ''}
    `,
    element: `select(loss, uniforms.nan, label < 0 || label >= ${classes})`,
  });
};

export const softmaxCrossEntropyGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const { logits, labels, dy } = inputs as unknown as Inputs;
  const smoothing = (attrs as { labelSmoothing?: number }).labelSmoothing ?? 0;
  const [n, classes] = logits.shape as [number, number];
  const rows = runShader(gpu, {
    key: `cross-entropy-rows-${classes}`,
    inputs: { Logits: logits },
    shape: [n, 2],
    dtype: 'float32',
    declarations: statistics(classes),
    before: 'let s = statistics(index / 2);',
    element: 'select(s.y, s.x, index % 2 == 0)',
  });
  const gradient = runShader(gpu, {
    key: `cross-entropy-grad-${classes}`,
    inputs: { Logits: logits, Labels: labels, Dy: dy, Rows: rows },
    shape: [n, classes],
    dtype: 'float32',
    numbers: { smoothing, nan },
    before: `
      let row = index / ${classes};
      let label = Labels[row];
      let p = exp(Logits[index] - Rows[2 * row]) / Rows[2 * row + 1];
      let wanted = uniforms.smoothing / ${classes}.0 + select(0.0, 1.0 - uniforms.smoothing, index % ${classes} == label);
    `,
    element: `select(Dy[row] * (p - wanted), uniforms.nan, label < 0 || label >= ${classes})`,
  });
  gpu.disposeData(rows.dataId);
  return gradient;
};
