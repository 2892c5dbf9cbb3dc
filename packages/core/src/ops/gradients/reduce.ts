/**
 * Reductions and running sums. tfjs's gradients of Sum and Mean write ones from the host, those of
 * Max and Min give every tied element the whole gradient, that of Prod needs methods of tensors that
 * tfjs registers elsewhere, that of Cumsum fails but on the last axis, and Cumprod has none.
 */
import { constant } from '../../create.js';
import { run } from '../../engine.js';
import { noGrad } from '../../autodiff/tape.js';
import type { Tensor } from '../../tensor.js';
import { axisIndices, sizeOf } from '../arguments.js';
import { div, mul } from '../binary.js';
import { cast } from '../cast.js';
import { equal } from '../compare.js';
import { sum } from '../reduce.js';
import { broadcastTo, expandDims, reshape, transpose } from '../shape.js';
import { where } from '../where.js';
import type { KernelGradient } from './kernel-gradient.js';

type Axes = number | readonly number[] | undefined;

export const reduceGradients: readonly KernelGradient[] = [
  {
    kernel: 'Sum',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => spread(dy, x!, attrs['axis'] as Axes) }),
  },
  {
    kernel: 'Mean',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({
      // Divided before it is spread: there are fewer elements to divide.
      x: () => spread(mul(dy, dy.size / x!.size), x!, attrs['axis'] as Axes),
    }),
  },
  {
    kernel: 'Max',
    inputs: ['x'],
    outputs: [true],
    of: (dy, [x, y], attrs) => ({ x: () => shared(dy, x!, y!, attrs['reductionIndices'] as Axes) }),
  },
  {
    kernel: 'Min',
    inputs: ['x'],
    outputs: [true],
    of: (dy, [x, y], attrs) => ({ x: () => shared(dy, x!, y!, attrs['axis'] as Axes) }),
  },
  {
    kernel: 'Prod',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => prodGradient(dy, x!, attrs['axis'] as Axes) }),
  },
  {
    kernel: 'Cumsum',
    of: (dy, _, attrs) => ({
      x: () => run('Cumsum', { x: dy }, { ...attrs, reverse: attrs['reverse'] !== true }),
    }),
  },
  {
    kernel: 'Cumprod',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => cumprodGradient(dy, x!, attrs) }),
  },
];

function kept(x: Tensor, axes: readonly number[]): number[] {
  return x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
}

function spread(dy: Tensor, x: Tensor, axis: Axes): Tensor {
  const axes = axisIndices(axis, x.shape.length, 'sum');
  return broadcastTo(reshape(dy, kept(x, axes)), x.shape);
}

function shared(dy: Tensor, x: Tensor, y: Tensor, axis: Axes): Tensor {
  const axes = axisIndices(axis, x.shape.length, 'max');
  const shape = kept(x, axes);
  const share = noGrad(() => {
    const chosen = cast(equal(x, reshape(y, shape)), 'float32');
    return div(chosen, sum(chosen, { axis: axes, keepDims: true }));
  });
  return mul(share, reshape(dy, shape));
}

/** dx_i = dy · ∏_{j ≠ i} x_j, the product of what is before i and what is after: right where x is 0. */
function prodGradient(dy: Tensor, x: Tensor, axis: Axes): Tensor {
  const rank = x.shape.length;
  const axes = axisIndices(axis, rank, 'prod');
  const order = [...axisIndices(undefined, rank, 'prod').filter((i) => !axes.includes(i)), ...axes];
  const moved = transpose(x, order);
  const rows = reshape(moved, [-1, sizeOf(axes.map((i) => x.shape[i]!))]); // [kept, reduced]
  const before = run('Cumprod', { x: rows }, { axis: 1, exclusive: true, reverse: false });
  const after = run('Cumprod', { x: rows }, { axis: 1, exclusive: true, reverse: true });
  const dRows = mul(mul(before, after), reshape(dy, [-1, 1]));
  return transpose(reshape(dRows, moved.shape), inverse(order));
}

function inverse(order: readonly number[]): number[] {
  return order.map((_, i) => order.indexOf(i));
}

/**
 * dx_i = Σ_k dy_k · ∏_{j before k, j ≠ i} x_j: the running products of x with x_i replaced by 1, for
 * every i. Quadratic in the length, but right where x is 0.
 */
function cumprodGradient(dy: Tensor, x: Tensor, attrs: Readonly<Record<string, unknown>>): Tensor {
  const rank = x.shape.length;
  const [axis] = axisIndices(attrs['axis'] as number, rank, 'cumprod') as [number];
  const order = [...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis), axis];
  const last = (t: Tensor): Tensor => transpose(t, order);
  const n = x.shape[axis]!;
  const exclusive = attrs['exclusive'] === true;
  const reverse = attrs['reverse'] === true;
  const own: boolean[] = [];
  const reaches: boolean[] = [];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      own.push(i === k);
      reaches.push(i === k ? !exclusive : reverse ? i > k : i < k);
    }
  }
  const others = where(constant(own, [n, n]), 1, expandDims(last(x), -2)); // [..., i, j]
  const products = run('Cumprod', { x: others }, { axis: rank, exclusive, reverse }); // [..., i, k]
  const weighed = where(constant(reaches, [n, n]), mul(products, expandDims(last(dy), -2)), 0);
  return transpose(sum(weighed, { axis: -1 }), inverse(order));
}
