/** The cross entropy of softmaxes with class indices: a pass over each row, and one over all for the gradient. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { runShader } from '../shaders/program.js';

type Inputs = Readonly<Record<'logits' | 'labels' | 'dy', TensorInfo>>;

/** Largest logit of a row, and the sum of exponentials of the others' distances to it. */
const ROW = (classes: number): string => `
  vec2 statistics(int row) {
    float top = getLogits(row, 0);
    for (int c = 1; c < ${classes}; c++) top = max(top, getLogits(row, c));
    float sum = 0.0;
    for (int c = 0; c < ${classes}; c++) sum += exp(getLogits(row, c) - top);
    return vec2(top, sum);
  }
`;

export const softmaxCrossEntropy: KernelFunc = ({ inputs, attrs, backend }) => {
  const { logits, labels } = inputs as unknown as Inputs;
  const smoothing = (attrs as { labelSmoothing?: number }).labelSmoothing ?? 0;
  const [n, classes] = logits.shape as [number, number];
  // Only where it is asked for: of a masked class (−∞) nothing may be taken, not even 0 times.
  const smoothed = `
    float all = 0.0;
    for (int c = 0; c < ${classes}; c++) all += getLogits(row, c) - s.x - log(s.y);
    loss = (1.0 - smoothing) * loss - smoothing / ${classes}.0 * all;
  `;
  return runShader(
    backend as MathBackendWebGL,
    {
      inputs: ['Logits', 'Labels'],
      shape: [n],
      dtype: 'float32',
      uniforms: { smoothing: 'float' },
      code: `
        ${ROW(classes)}
        void main() {
          int row = getOutputCoords();
          int label = int(getLabels(row));
          vec2 s = statistics(row);
          float loss = log(s.y) - (getLogits(row, clamp(label, 0, ${classes - 1})) - s.x);
          ${smoothing > 0 ? smoothed : ''}
          setOutput(label < 0 || label >= ${classes} ? NAN : loss);
        }
      `,
    },
    [logits, labels],
    [[smoothing]],
  );
};

export const softmaxCrossEntropyGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const { logits, labels, dy } = inputs as unknown as Inputs;
  const smoothing = (attrs as { labelSmoothing?: number }).labelSmoothing ?? 0;
  const [n, classes] = logits.shape as [number, number];
  const rows = runShader(
    gpu,
    {
      inputs: ['Logits'],
      shape: [n, 2],
      dtype: 'float32',
      code: `
        ${ROW(classes)}
        void main() {
          ivec2 at = getOutputCoords();
          vec2 s = statistics(at.x);
          setOutput(at.y == 0 ? s.x : s.y);
        }
      `,
    },
    [logits],
  );
  const gradient = runShader(
    gpu,
    {
      inputs: ['Logits', 'Labels', 'Dy', 'Rows'],
      shape: [n, classes],
      dtype: 'float32',
      uniforms: { smoothing: 'float' },
      code: `
        void main() {
          ivec2 at = getOutputCoords();
          int label = int(getLabels(at.x));
          float p = exp(getLogits(at.x, at.y) - getRows(at.x, 0)) / getRows(at.x, 1);
          float target = smoothing / ${classes}.0 + (at.y == label ? 1.0 - smoothing : 0.0);
          setOutput(label < 0 || label >= ${classes} ? NAN : getDy(at.x) * (p - target));
        }
      `,
    },
    [logits, labels, dy, rows],
    [[smoothing]],
  );
  gpu.disposeData(rows.dataId);
  return gradient;
};
