import { backend_util } from '@tensorflow/tfjs-core';

const ALONG_A = 1;
const ALONG_B = 2;
const ALONG_C = 4;
const MOST_GROUPS = 8;

/** [groups, size0, kind0, size1, kind1, …], as native/simd/broadcast.h reads it; written anew by every call. */
const plan = new Int32Array(1 + 2 * MOST_GROUPS);

export interface Broadcast {
  readonly shape: number[];
  readonly size: number;
  readonly plan: Int32Array;
}

const SCALAR: readonly number[] = [];

/**
 * How two shapes, or three, spread over their common one. Axes are merged while the same operands run along
 * them, so that a bias or a scalar needs two groups or one whatever the rank.
 *
 * Gives null for more groups than native kernels take; throws tfjs's error when the shapes do not fit.
 */
export function broadcast(
  a: readonly number[],
  b: readonly number[],
  c: readonly number[] = SCALAR,
): Broadcast | null {
  const rank = Math.max(a.length, b.length, c.length);
  const shape: number[] = Array.from({ length: rank });
  let groups = 0;
  let size = 1;
  for (let i = 1; i <= rank; i++) {
    const inA = i <= a.length ? (a[a.length - i] as number) : 1;
    const inB = i <= b.length ? (b[b.length - i] as number) : 1;
    const inC = i <= c.length ? (c[c.length - i] as number) : 1;
    const length = inA !== 1 ? inA : inB !== 1 ? inB : inC;
    if ((inB !== length && inB !== 1) || (inC !== length && inC !== 1)) {
      // Throws: the shapes do not fit.
      backend_util.assertAndGetBroadcastShape(
        backend_util.assertAndGetBroadcastShape([...a], [...b]),
        [...c],
      );
      return null;
    }
    shape[rank - i] = length;
    if (length === 1) continue;
    size *= length;
    const kind =
      (inA === length ? ALONG_A : 0) |
      (inB === length ? ALONG_B : 0) |
      (inC === length ? ALONG_C : 0);
    if (groups > 0 && plan[2 * groups] === kind) {
      plan[2 * groups - 1] = (plan[2 * groups - 1] as number) * length;
    } else {
      if (groups === MOST_GROUPS) return null;
      groups++;
      plan[2 * groups - 1] = length;
      plan[2 * groups] = kind;
    }
  }
  if (groups === 0) {
    groups = 1;
    plan[1] = 1;
    plan[2] = ALONG_A | ALONG_B | ALONG_C;
  }
  plan[0] = groups;
  return { shape, size, plan };
}
