/** The equations of einsum(). */
import { describe } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, shapeText } from './arguments.js';
import { checkFloat } from './conv2d.js';

/** Reads an equation: the letters of each operand and of the result, '…' spelled out. */
export function parseEquation(
  equation: string,
  operands: readonly Tensor[],
): { inputs: string[]; output: string } {
  if (typeof equation !== 'string') {
    throw new ConfigError(
      `The equation of einsum() is text, as 'ij,jk->ik'. Received: ${describe(equation)}.`,
    );
  }
  const [left, right, ...more] = equation.replaceAll(/\s/g, '').split('->') as [string, string?];
  const terms = left.split(',');
  const readable = [...terms, right ?? ''].every((t) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(t));
  if (!readable || more.length > 0 || terms.length !== operands.length) {
    throw new ConfigError(
      `An equation of einsum() has letters for each operand, as 'ij,jk->ik'. Received: '${equation}' for ${operands.length} operands.`,
    );
  }
  operands.forEach((x, i) => {
    checkTensor(x, 'einsum', `operands[${i}]`);
    checkFloat('einsum', x, `operands[${i}]`);
  });
  const named = terms.map((t) => t.replace('...', '').length);
  const most = Math.max(
    0,
    ...operands.map((x, i) => (terms[i]!.includes('...') ? x.shape.length - named[i]! : 0)),
  );
  // '...' becomes digits, aligned at the last of its axes.
  const ellipsis = Array.from({ length: most }, (_, i) => String.fromCharCode(0x2460 + i)).join('');
  const inputs = terms.map((t, i) => {
    const count = operands[i]!.shape.length - named[i]!;
    if (t.includes('...') ? count < 0 : count !== 0) {
      throw new ShapeError(
        `einsum('${equation}') needs ${t.includes('...') ? 'at least ' : ''}${named[i]} axes in operand ${i}. ` +
          `Received: shape ${shapeText(operands[i]!.shape)}.`,
      );
    }
    return t.replace('...', ellipsis.slice(most - count));
  });
  const all = inputs.join('');
  const once = [...new Set(all)].filter(
    (n) => !ellipsis.includes(n) && all.indexOf(n) === all.lastIndexOf(n),
  );
  const output =
    right === undefined ? ellipsis + once.sort().join('') : right.replace('...', ellipsis);
  const wrong = [...output].find((n, i) => !all.includes(n) || output.indexOf(n) !== i);
  if (wrong !== undefined) {
    throw new ConfigError(
      `The result of einsum() has letters of its operands, each once. Received: '${wrong}' in '${equation}'.`,
    );
  }
  return { inputs, output };
}

/** The size of each letter. */
export function letterSizes(
  equation: string,
  inputs: readonly string[],
  operands: readonly Tensor[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((axes, i) =>
    [...axes].forEach((name, axis) => {
      const size = operands[i]!.shape[axis]!;
      const known = sizes.get(name);
      const open = name > 'z' && (known === 1 || size === 1);
      if (known !== undefined && known !== size && !open) {
        throw new ShapeError(
          `A letter of einsum() has one size. Received: ${known} and ${size} for '${name > 'z' ? '...' : name}' in '${equation}', ` +
            `shapes ${operands.map((x) => shapeText(x.shape)).join(', ')}.`,
        );
      }
      sizes.set(name, known === undefined || known === 1 ? size : known);
    }),
  );
  return sizes;
}
