/**
 * Element by element. tfjs's gradients of Maximum, Minimum and SquaredDifference do not sum over
 * broadcast axes, that of Pow is NaN at 0⁰, that of Abs is −1 at 0; comparisons have none, and
 * EluGrad has none of its own.
 */
import type { Tensor } from '../../tensor.js';
import { zeros } from '../../create.js';
import { run } from '../../engine.js';
import { mul, pow, sub } from '../binary.js';
import { greater, greaterEqual, less, lessEqual, notEqual } from '../compare.js';
import { log, neg, sign } from '../unary.js';
import { where } from '../where.js';
import { type KernelGradient, unbroadcast } from './kernel-gradient.js';

const COMPARISONS = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
];

export const arithmeticGradients: readonly KernelGradient[] = [
  {
    kernel: 'Abs',
    inputs: ['x'],
    of: (dy, [x]) => ({ x: () => mul(dy, sign(x!)) }),
  },
  {
    kernel: 'SquaredDifference',
    inputs: ['a', 'b'],
    of: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      const slope = (): Tensor => mul(dy, mul(sub(a, b), 2));
      return {
        a: () => unbroadcast(slope(), a.shape),
        b: () => unbroadcast(neg(slope()), b.shape),
      };
    },
  },
  {
    kernel: 'Maximum',
    inputs: ['a', 'b'],
    of: (dy, saved) => chosen(dy, saved as [Tensor, Tensor], greaterEqual, less),
  },
  {
    kernel: 'Minimum',
    inputs: ['a', 'b'],
    of: (dy, saved) => chosen(dy, saved as [Tensor, Tensor], lessEqual, greater),
  },
  {
    kernel: 'Pow',
    inputs: ['a', 'b'],
    outputs: [true],
    of: (dy, saved) => {
      const [a, b, y] = saved as [Tensor, Tensor, Tensor];
      return {
        a: () => {
          // b·a^(b−1), but 0·a where b is 0: 0·a⁻¹ is NaN at 0.
          const slope = mul(b, pow(a, where(notEqual(b, 0), sub(b, 1), 1)));
          return unbroadcast(mul(dy, slope), a.shape);
        },
        b: () => {
          const positive = greater(a, 0);
          return unbroadcast(
            mul(dy, mul(y, where(positive, log(where(positive, a, 1)), 0))),
            b.shape,
          );
        },
      };
    },
  },
  {
    kernel: 'EluGrad',
    inputs: ['dy', 'y'],
    of: (ddx, saved) => {
      const [dy, y] = saved as [Tensor, Tensor];
      return {
        dy: () => run('EluGrad', { dy: ddx, y }),
        y: () => where(less(y, 0), mul(ddx, dy), 0),
      };
    },
  },
  ...COMPARISONS.map((kernel): KernelGradient => ({
    kernel,
    inputs: ['a', 'b'],
    of: (_, [a, b]) => ({ a: () => zeros(a!.shape), b: () => zeros(b!.shape) }),
  })),
  {
    kernel: 'LogicalNot',
    inputs: ['x'],
    of: (_, [x]) => ({ x: () => zeros(x!.shape) }),
  },
];

function chosen(
  dy: Tensor,
  [a, b]: [Tensor, Tensor],
  toA: (a: Tensor, b: Tensor) => Tensor,
  toB: (a: Tensor, b: Tensor) => Tensor,
): Record<'a' | 'b', () => Tensor> {
  return {
    a: () => unbroadcast(where(toA(a, b), dy, 0), a.shape),
    b: () => unbroadcast(where(toB(a, b), dy, 0), b.shape),
  };
}
