import { engine } from '@tensorflow/tfjs-core';
import type { Tensor } from '@stratajs/core';

/** Runs one kernel of the active engine that has a single output, as core does. */
export function runKernel(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, unknown>>,
): Tensor {
  return engine().runKernel(name, inputs as never, attributes as never) as unknown as Tensor;
}
