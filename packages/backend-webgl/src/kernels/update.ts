/** What the updates of all optimizers have in common: States that change in one program, and a gate that keeps them as they were. */
import { type Scalar, scalarValue } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runTexels, type Texels } from '../shaders/texels.js';

/** Where the gate is shut (it holds anything but −1), the States stay as they were. */
export function update(
  gpu: MathBackendWebGL,
  shader: Texels,
  gate: TensorInfo | undefined,
): TensorInfo[] {
  if (gate === undefined) return runTexels(gpu, shader);
  return runTexels(gpu, {
    ...shader,
    scalars: { ...shader.scalars, gate },
    code: `if (gate == -1.0) { ${shader.code} }`,
  });
}

/** An attribute that may be a Scalar: its value is asked for at each run. */
export function numberOf(attrs: object | undefined, name: string): number {
  return scalarValue((attrs as Record<string, number | Scalar>)[name]!);
}
