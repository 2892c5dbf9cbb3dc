import { describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { checkTensor, shapeText } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { fill, minus, plus, reshape, times } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

export interface SoftmaxCrossEntropyOptions {
  /** Share s of the target that is spread over all classes, in [0, 1]. Default 0. */
  readonly labelSmoothing?: number;
}

const FORWARD = 'StrataSoftmaxCrossEntropy';
const BACKWARD = 'StrataSoftmaxCrossEntropyGrad';

/**
 * The cross entropy of each row's softmax with its label, without forming the softmax first.
 *
 *     loss[i] = −(1 − s)·log p[i, labels[i]] − s/C·Σ_c log p[i, c],   p = softmax(logits)
 *
 * Stable for logits of any size. A label outside [0, C) throws where the engine computes on the host;
 * elsewhere its row's loss and gradient are NaN.
 *
 * @param logits [N, C] float32.
 * @param labels [N] int32, class indices.
 * @returns [N].
 * @throws ShapeError for other shapes or dtypes, ConfigError for a smoothing outside [0, 1].
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { labelSmoothing = 0 }: SoftmaxCrossEntropyOptions = {},
): Tensor {
  checkTensor(logits, 'softmaxCrossEntropy', 'logits');
  checkTensor(labels, 'softmaxCrossEntropy', 'labels');
  if (logits.shape.length !== 2 || logits.dtype !== 'float32') {
    throw new ShapeError(
      `The logits of softmaxCrossEntropy() are float32 of shape [N, C]. Received: ${describe(logits)}. ` +
        'Flatten leading axes with reshape().',
    );
  }
  if (labels.dtype !== 'int32' || labels.shape.length !== 1) {
    throw new ShapeError(
      `The labels of softmaxCrossEntropy() are int32 class indices of shape [N]. Received: ${describe(labels)}. ` +
        (labels.shape.length === 2
          ? 'Give indices instead of one-hot rows: argMax(labels, 1).'
          : "cast(labels, 'int32') them."),
    );
  }
  if (labels.shape[0] !== logits.shape[0]) {
    throw new ShapeError(
      `softmaxCrossEntropy() takes one label for each row of logits. Received: logits ${shapeText(logits.shape)}, ` +
        `labels ${shapeText(labels.shape)}.`,
    );
  }
  if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ConfigError(
      `labelSmoothing lies in [0, 1]. Received: ${describe(labelSmoothing)}. Usual: 0.1.`,
    );
  }
  return run(FORWARD, { logits, labels }, { labelSmoothing });
}

export const softmaxCrossEntropyKernel: ExtensionKernel = {
  name: FORWARD,
  composite: ({ logits, labels }, attrs) => {
    const s = attrs['labelSmoothing'] as number;
    const [n, c] = logits!.shape as [number, number];
    const logP = logSoftmax(logits!);
    const isLabel = labelMask(labels!, n, c);
    // Selected, not multiplied by a one-hot row: 0 · −∞ of a masked class would be NaN.
    const picked = rowSum(
      run('Select', { condition: isLabel, t: logP, e: run('ZerosLike', { x: logP }) }),
      [n],
    );
    let loss = times(picked, s - 1);
    if (s > 0) loss = plus(loss, times(rowSum(logP, [n]), -s / c));
    return nanUnlessValid(loss, labels!, n, c);
  },
  gradient: {
    saved: ['logits', 'labels'],
    of: (dy, saved, attrs) => {
      const [logits, labels] = saved as [Tensor, Tensor];
      return { logits: () => run(BACKWARD, { logits, labels, dy }, attrs) };
    },
  },
};

/** dy·(p − t): p the softmax, t the smoothed target. */
export const softmaxCrossEntropyGradKernel: ExtensionKernel = {
  name: BACKWARD,
  composite: ({ logits, labels, dy }, attrs) => {
    const s = attrs['labelSmoothing'] as number;
    const [n, c] = logits!.shape as [number, number];
    const p = run('Softmax', { logits: logits! }, { dim: 1 });
    const oneHot = run('Cast', { x: labelMask(labels!, n, c) }, { dtype: 'float32' });
    let d = minus(p, times(oneHot, 1 - s));
    if (s > 0) d = minus(d, fill([], s / c));
    const row = nanUnlessValid(dy!, labels!, n, c);
    return times(d, column(row, n));
  },
  // With g = dy·(p − t), and e the cotangent of g:
  //   of dy:     Σ_c e·(p − t)
  //   of logits: dy·p·(e − Σ_c e·p)
  gradient: {
    saved: ['logits', 'labels', 'dy'],
    of: (e, saved, attrs) => {
      const [logits, labels, dy] = saved as [Tensor, Tensor, Tensor];
      const [n] = logits.shape as [number, number];
      return {
        dy: () => {
          const residual = run(BACKWARD, { logits, labels, dy: fill([n], 1) }, attrs);
          return rowSum(times(e, residual), [n]);
        },
        logits: () => {
          const p = run('Softmax', { logits }, { dim: 1 });
          const mean = rowSum(times(e, p), [n, 1]);
          return times(times(p, minus(e, mean)), column(dy, n));
        },
      };
    },
  },
};

function logSoftmax(x: Tensor): Tensor {
  const n = x.shape[0]!;
  const max = column(run('Max', { x }, { reductionIndices: [1], keepDims: false }), n);
  const shifted = minus(x, max);
  const sum = rowSum(run('Exp', { x: shifted }), [n, 1]);
  return minus(shifted, run('Log', { x: sum }));
}

/** [N, C] bool: whether the column is the row's label. */
function labelMask(labels: Tensor, n: number, c: number): Tensor {
  const classes = run('Range', {}, { start: 0, stop: c, step: 1, dtype: 'int32' });
  return run('Equal', { a: column(labels, n), b: reshape(classes, [1, c]) });
}

function nanUnlessValid(x: Tensor, labels: Tensor, n: number, c: number): Tensor {
  const valid = run('LogicalAnd', {
    a: run('GreaterEqual', { a: labels, b: fill([], 0, 'int32') }),
    b: run('Less', { a: labels, b: fill([], c, 'int32') }),
  });
  return run('Select', { condition: valid, t: x, e: fill([n], Number.NaN) });
}

function column(x: Tensor, n: number): Tensor {
  return reshape(x, [n, 1]);
}

function rowSum(x: Tensor, shape: number[]): Tensor {
  return reshape(run('Sum', { x }, { axis: [1], keepDims: false }), shape);
}
