import { getGradient, type GradConfig } from '@tensorflow/tfjs-core';
import type { Attributes } from '../../engine.js';
import type { Shape, Tensor } from '../../tensor.js';
import { sum } from '../reduce.js';
import { reshape } from '../shape.js';
import { sameShape } from '../arguments.js';

/** For each input by name, what computes its gradient. Only those that are needed are run. */
export type InputGradients = Readonly<Record<string, () => Tensor>>;

/** The gradient of one kernel, written in operations that have gradients themselves. */
export interface KernelGradient {
  readonly kernel: string;
  /** Inputs that `of` receives first in `saved`. */
  readonly inputs?: readonly string[];
  /** Outputs that follow them, by position. */
  readonly outputs?: readonly boolean[];
  /** @param dy a list for kernels with more than one output. */
  readonly of: (dy: Tensor, saved: readonly Tensor[], attrs: Attributes) => InputGradients;
}

/** `dy` summed over the axes along which `shape` was broadcast. */
export function unbroadcast(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  const added = dy.shape.length - shape.length;
  const axis = dy.shape.flatMap((d, i) =>
    i < added || (shape[i - added] === 1 && d !== 1) ? [i] : [],
  );
  return reshape(axis.length > 0 ? sum(dy, { axis }) : dy, shape);
}

/** The gradient that tfjs registers for a kernel, for the cases in which it is right. */
export function inherited(kernel: string): KernelGradient['of'] {
  const config: GradConfig | undefined = getGradient(kernel);
  if (!config) {
    return () => {
      throw new Error(`tfjs registers no gradient for ${kernel}.`);
    };
  }
  return config.gradFunc as unknown as KernelGradient['of'];
}
