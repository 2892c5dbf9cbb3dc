/** How operations meet the gradient tape. */
import { type Attributes, engine, type Inputs, run } from '../engine.js';
import { noGrad } from '../autodiff/tape.js';
import type { Tensor } from '../tensor.js';

/** Whether what runs now is recorded for a gradient. */
export function isRecording(): boolean {
  const { gradientDepth, kernelDepth } = engine().state;
  return gradientDepth > 0 && kernelDepth === 0;
}

/** Runs a kernel whose result no gradient flows through: comparisons, indices. */
export function runStopped(name: string, inputs: Inputs, attrs?: Attributes): Tensor {
  return isRecording() ? noGrad(() => run(name, inputs, attrs)) : run(name, inputs, attrs);
}
