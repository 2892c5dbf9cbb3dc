import { eye } from '../create.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { sizeOf } from './arguments.js';
import { mul } from './binary.js';
import { letterSizes, parseEquation } from './einsum-equation.js';
import { matmul } from './matmul.js';
import { sum } from './reduce.js';
import { broadcastTo, reshape, transpose } from './shape.js';

/** A tensor whose axes have names, one letter each. */
interface Labelled {
  readonly tensor: Tensor;
  readonly axes: string;
}

/**
 * Sums of products in Einstein's notation: one letter for each axis, the result's after the arrow;
 * letters that the result lacks are summed over.
 *
 *     einsum('bij,bjk->bik', a, b);     // a batch of matrix products
 *     einsum('ii->', a);                // the trace
 *     einsum('...d,d->...', x, w);      // '...' stands for any axes, which broadcast
 *
 * Without an arrow the result has the letters that occur once, in alphabetical order. Each pair of
 * operands, from left to right, is one matrix product.
 *
 * @throws ConfigError for an equation that cannot be read; ShapeError when sizes disagree.
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const { inputs, output } = parseEquation(equation, operands);
  const sizes = letterSizes(equation, inputs, operands);
  return tidy(() => {
    let rest = operands.map((tensor, i) => diagonal({ tensor, axes: inputs[i]! }));
    while (rest.length > 1) {
      const [a, b, ...others] = rest as [Labelled, Labelled, ...Labelled[]];
      const needed = output + others.map((o) => o.axes).join('');
      rest = [contract(a, b, needed, sizes), ...others];
    }
    const result = keepOnly(rest[0]!, output);
    return transpose(
      result.tensor,
      [...output].map((axis) => result.axes.indexOf(axis)),
    );
  });
}

/** Sums over the axes that `needed` lacks. */
function keepOnly({ tensor, axes }: Labelled, needed: string): Labelled {
  const axis = [...axes].flatMap((name, i) => (needed.includes(name) ? [] : [i]));
  if (axis.length === 0) return { tensor, axes };
  return {
    tensor: sum(tensor, { axis }),
    axes: [...axes].filter((name) => needed.includes(name)).join(''),
  };
}

/** An operand with a repeated letter, cut down to its diagonal. */
function diagonal(operand: Labelled): Labelled {
  let { tensor, axes } = operand;
  for (let i = 0; i < axes.length; i++) {
    for (let j = axes.indexOf(axes[i]!, i + 1); j > 0; j = axes.indexOf(axes[i]!, i + 1)) {
      const n = tensor.shape[i]!;
      const shape = tensor.shape.map((_, axis) => (axis === i || axis === j ? n : 1));
      tensor = sum(mul(tensor, reshape(eye(n), shape)), { axis: j });
      axes = axes.slice(0, j) + axes.slice(j + 1);
    }
  }
  return { tensor, axes };
}

/** One product: [batch, left, summed] · [batch, summed, right]. */
function contract(
  a: Labelled,
  b: Labelled,
  needed: string,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const left = keepOnly(a, needed + b.axes);
  const right = keepOnly(b, needed + a.axes);
  const shared = [...left.axes].filter((n) => right.axes.includes(n));
  const batch = shared.filter((n) => needed.includes(n)).join('');
  const summed = shared.filter((n) => !needed.includes(n)).join('');
  const rows = [...left.axes].filter((n) => !right.axes.includes(n)).join('');
  const columns = [...right.axes].filter((n) => !left.axes.includes(n)).join('');
  const dims = (axes: string): number[] => [...axes].map((n) => sizes.get(n)!);
  /** [batch, first, second], or with the last two the other way round where they lie so. */
  const matrix = (t: Labelled, first: string, second: string): [Tensor, transposed: boolean] => {
    const lies = t.axes === batch + second + first && t.axes !== batch + first + second;
    const [outer, inner] = lies ? [second, first] : [first, second];
    const order = [...batch, ...outer, ...inner];
    const placed = transpose(
      t.tensor,
      order.map((n) => t.axes.indexOf(n)),
    );
    // Sizes of 1 stand for any size where a letter of '...' broadcasts.
    const whole = broadcastTo(
      placed,
      order.map((n) => sizes.get(n)!),
    );
    const flat = [sizeOf(dims(outer)), sizeOf(dims(inner))];
    return [reshape(whole, batch === '' ? flat : [sizeOf(dims(batch)), ...flat]), lies];
  };
  const [x, transposeA] = matrix(left, rows, summed);
  const [w, transposeB] = matrix(right, summed, columns);
  const product = matmul(x, w, { transposeA, transposeB });
  const axes = batch + rows + columns;
  return { tensor: reshape(product, dims(axes)), axes };
}
