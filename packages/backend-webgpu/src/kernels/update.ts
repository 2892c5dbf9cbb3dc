/** What the updates of all optimizers have in common: one program for each State that changes, and a gate that keeps it as it was. */
import { type Scalar, scalarValue } from '@stratajs/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runShader, type Shader } from './program.js';

/** The State's new element, from its buffers; the first of them is the State's own. */
export type Change = Pick<Shader, 'key' | 'inputs' | 'numbers' | 'declarations' | 'element'>;

/** Runs one change. Where the gate is shut (it holds anything but −1), the State stays as it was. */
export function change(
  backend: WebGPUBackend,
  { key, inputs, element, ...more }: Change,
  gate: TensorInfo | undefined,
): TensorInfo {
  const [[state, { shape, dtype }]] = Object.entries(inputs) as [[string, TensorInfo]];
  const of = { ...more, shape, dtype: dtype as 'float32' | 'int32' };
  if (gate === undefined) return runShader(backend, { ...of, key, inputs, element });
  return runShader(backend, {
    ...of,
    key: `${key}-gated`,
    inputs: { ...inputs, Gate: gate },
    element: `select(${state}[index], ${element}, Gate[0] == -1)`,
  });
}

/** An attribute that may be a Scalar: its value is asked for at each run. */
export function numberOf(attrs: object | undefined, name: string): number {
  return scalarValue((attrs as Record<string, number | Scalar>)[name]!);
}
