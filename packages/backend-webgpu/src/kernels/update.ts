/** What the updates of all optimizers have in common: States that change in one program, and a gate that keeps them as they were. */
import { type Scalar, scalarValue } from '@stratajs/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Elementwise, runElementwise } from '../shaders/elementwise.js';

/** Where the gate is shut (it holds anything but −1), the States stay as they were. */
export function update(
  gpu: WebGPUBackend,
  program: Elementwise,
  gate: TensorInfo | undefined,
): TensorInfo[] {
  if (gate === undefined) return runElementwise(gpu, program);
  return runElementwise(gpu, {
    ...program,
    key: `${program.key}-gated`,
    tables: { ...program.tables, Gate: gate },
    code: `if (Gate[0] == -1) { ${program.code} }`,
  });
}

/** An attribute that may be a Scalar: its value is asked for at each run. */
export function numberOf(attrs: object | undefined, name: string): number {
  return scalarValue((attrs as Record<string, number | Scalar>)[name]!);
}
