/** The steps that several composites are written in: kernels of tfjs, run one by one. */
import { run } from '../engine.js';
import { sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';

export function fill(
  shape: readonly number[],
  value: number,
  dtype: 'float32' | 'int32' = 'float32',
): Tensor {
  return run('Fill', {}, { shape, value, dtype });
}

export function plus(a: Tensor, b: Tensor): Tensor {
  return run('Add', { a, b });
}

export function minus(a: Tensor, b: Tensor): Tensor {
  return run('Sub', { a, b });
}

export function times(a: Tensor, b: Tensor | number): Tensor {
  return run('Multiply', { a, b: typeof b === 'number' ? fill([], b) : b });
}

export function over(a: Tensor, b: Tensor): Tensor {
  return run('RealDiv', { a, b });
}

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return run('Reshape', { x }, { shape });
}

/**
 * `next` where the gate is open, `previous` where it is shut: a gate is open when it holds −1, what
 * `StrataFirstNonFinite` gives when all is finite, or when there is none.
 */
export function gated(gate: Tensor | undefined, next: Tensor, previous: Tensor): Tensor {
  if (!gate) return next;
  const size = sizeOf(next.shape);
  if (size === 0) return next;
  // Select wants a condition for each element: not every engine broadcasts it.
  const open = run('Equal', { a: gate, b: fill([], -1, 'int32') });
  const condition = run('Tile', { x: reshape(open, [1]) }, { reps: [size] });
  const chosen = run('Select', {
    condition,
    t: reshape(next, [size]),
    e: reshape(previous, [size]),
  });
  return reshape(chosen, next.shape);
}
