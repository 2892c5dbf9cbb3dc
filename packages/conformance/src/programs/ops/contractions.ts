/** Sums of products. */
import * as core from '@stratajs/core';
import { type Drawing, type Value } from '../drawing.js';
import { sizeOf } from '../program.js';
import type { ProgramOps } from './program-op.js';

/** Bounds that keep sums of some dozens of products moderate. */
const FACTOR = { low: -8, high: 8 };

function product(shape: readonly number[], terms: number): Value {
  const most = 64 * Math.max(1, terms);
  return { shape, dtype: 'float32', low: -most, high: most };
}

const EQUATIONS = [
  'ij,jk->ik',
  'ij,kj->ki',
  'ij,jk',
  'ij,jk->',
  'i,j->ij',
  'bij,bjk->bik',
  'bij,bkj->bik',
  'bhid,bhjd->bhij',
  'bij,bij->b',
  'ij,ij->ij',
  'ij->ji',
  'ij->j',
  'ij->',
  'ii->',
  'ii->i',
  'iij->j',
  'ij,j->i',
  'ij,jk,kl->il',
  'ab,bc,a->c',
  '...ij,...jk->...ik',
  '...d,d->...',
  'a...,b...->ab...',
];

/** Shapes of the operands of an equation, and of its result. */
function einsumShapes(
  d: Drawing,
  equation: string,
): { shapes: number[][]; result: number[]; terms: number } {
  const [left, right] = equation.split('->') as [string, string?];
  const operands = left.split(',');
  const sizes = new Map<string, number>();
  for (const letter of left.replaceAll(/[^a-z]/g, '')) {
    if (!sizes.has(letter)) sizes.set(letter, d.chance(0.04) ? 0 : d.size(1, 17));
  }
  const dots = equation.includes('...') ? d.shape(0, 2, 1).map((n) => Math.min(n, 4)) : [];
  const expand = (term: string, ellipsis: readonly number[]): number[] =>
    term
      .split('...')
      .flatMap((letters, i) => [
        ...(i > 0 ? ellipsis : []),
        ...[...letters].map((letter) => sizes.get(letter)!),
      ]);
  // What '...' stands for broadcasts; one operand has it whole, as the result does.
  const whole = operands.findIndex((term) => term.includes('...'));
  const shapes = operands.map((term, i) =>
    expand(term, i === whole ? dots : d.broadcastable(dots)),
  );
  const letters = [...left.replaceAll(/[^a-z]/g, '')];
  const once = letters.filter((n) => letters.filter((m) => m === n).length === 1).sort();
  const output = right ?? once.join('');
  const summed = [...sizes].filter(([letter]) => !output.includes(letter)).map(([, n]) => n);
  return { shapes, result: expand(output, dots), terms: sizeOf(summed) };
}

export const contractions: ProgramOps = {
  matmul: {
    draw(d) {
      const [m, k, n] = [d.size(), d.size(), d.size()];
      const [transposeA, transposeB] = [d.chance(0.4), d.chance(0.4)];
      const batch = d.chance(0.5) ? [] : d.shape(1, 3).map((size) => Math.min(size, 4));
      const a = [...d.broadcastable(batch), ...(transposeA ? [k, m] : [m, k])];
      const b = [...batch, ...(transposeB ? [n, k] : [k, n])];
      const swap = d.chance(0.5);
      const shapes = swap
        ? [
            [...batch, ...a.slice(-2)],
            [...a.slice(0, -2), ...b.slice(-2)],
          ]
        : [a, b];
      const result = [...batch, m, n];
      if (![...shapes, result].every((s) => d.holds(s))) return undefined;
      return {
        inputs: shapes.map((shape) => d.takeShape(shape, FACTOR)),
        options: { transposeA, transposeB },
        results: [product(result, k)],
      };
    },
    apply: ([a, b], options) => core.matmul(a, b, options),
  },
  linear: {
    draw(d) {
      const x = d.take({ fits: (s) => s.length > 0, shape: () => d.shape(1, 4), ...FACTOR });
      const features = x.shape.at(-1)!;
      const out = d.size();
      const shape = [...x.shape.slice(0, -1), out];
      if (!d.holds(shape) || !d.holds([out, features])) return undefined;
      const weight = d.takeShape([out, features], FACTOR);
      const bias = d.chance(0.6) ? [d.takeShape([out], FACTOR)] : [];
      return { inputs: [x, weight, ...bias], results: [product(shape, features + 1)] };
    },
    apply: ([x, weight, bias]) => core.linear(x, weight, bias),
  },
  einsum: {
    draw(d) {
      const equation = d.pick(EQUATIONS);
      const { shapes, result, terms } = einsumShapes(d, equation);
      if (![...shapes, result].every((s) => d.holds(s))) return undefined;
      const factor = { low: -4, high: 4 };
      return {
        inputs: shapes.map((shape) => d.takeShape(shape, factor)),
        options: { equation },
        results: [product(result, terms)],
      };
    },
    apply: (xs, { equation }: { equation: string }) => core.einsum(equation, ...xs),
  },
};
