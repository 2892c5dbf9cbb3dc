import { sameShape } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';

/** Where two tensors differ first. */
export type Difference =
  | {
      readonly kind: 'form';
      readonly eager: string;
      readonly compiled: string;
    }
  | {
      readonly kind: 'value';
      readonly index: number;
      readonly eager: number | string;
      readonly compiled: number | string;
      /** How far they may be apart. */
      readonly allowed: number;
    };

/**
 * Null where shapes and dtypes are equal and every element is near: |a − b| ≤ tolerance · max |a| over the finite elements of a float or complex
 * tensor, equal in others. NaN is near NaN, and an infinity near itself. Reads both tensors and waits for them.
 */
export function differenceOf(
  eager: Tensor,
  compiled: Tensor,
  tolerance: number,
): Difference | null {
  if (eager.dtype !== compiled.dtype || !sameShape(eager.shape, compiled.shape)) {
    return { kind: 'form', eager: formOf(eager), compiled: formOf(compiled) };
  }
  const [a, b] = [elementsOf(eager), elementsOf(compiled)];
  const isExact = eager.dtype !== 'float32' && eager.dtype !== 'complex64';
  const allowed = isExact ? 0 : tolerance * largest(a as ArrayLike<number>);
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    if (Math.abs(Number(x) - Number(y)) <= allowed) continue;
    return { kind: 'value', index: i, eager: x, compiled: y, allowed };
  }
  return null;
}

function formOf({ dtype, shape }: Tensor): string {
  return `${dtype} [${shape.join(', ')}]`;
}

function elementsOf(t: Tensor): ArrayLike<number> | ArrayLike<string> {
  return (t as unknown as { dataSync(): ArrayLike<number> | ArrayLike<string> }).dataSync();
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > most && size !== Infinity) most = size;
  }
  return most;
}
