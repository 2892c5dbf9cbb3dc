/** Scaled dot-product attention. */
import * as core from '@stratajs/core';
import type { Drawing, Drawn, Value } from '../drawing.js';
import type { ProgramOps } from './program-op.js';

/** Bounds that keep scores moderate: their rounding is that of the weights, relative to these. */
const FACTOR = { low: -2, high: 2 };

type Options = {
  /** Arguments before the mask and the lengths. */
  readonly matrices: number;
  readonly masked: boolean;
  readonly padded: boolean;
  readonly causal: boolean;
  readonly scale: number;
};

function optionsOf(xs: readonly core.Tensor[], options: Options): core.AttentionOptions {
  const { matrices, masked, padded, causal, scale } = options;
  return {
    causal,
    scale,
    mask: masked ? xs[matrices] : undefined,
    lengths: padded ? xs[matrices + (masked ? 1 : 0)] : undefined,
  };
}

/** q, k and, with `width`, v; then the masks. `result` makes a value of the axes of the batch and the last two. */
function draw(
  d: Drawing,
  width: number | undefined,
  result: (batch: readonly number[], rows: number, keys: number) => Value,
): Drawn | undefined {
  const [rows, keys, features] = [d.size(), d.size(), d.size(1)];
  const batch = d.chance(0.3) ? [] : d.shape(1, 3).map((size) => Math.min(size, 4));
  const own = d.broadcastable(batch);
  const shapes = [
    [...batch, rows, features],
    [...own, keys, features],
    ...(width === undefined ? [] : [[...own, keys, width]]),
  ];
  const scores = [...batch, rows, keys];
  const to = result(batch, rows, keys);
  if (![...shapes, scores, to.shape].every((s) => d.holds(s))) return undefined;
  const inputs = shapes.map((shape) => d.takeShape(shape, FACTOR));
  const options = {
    matrices: inputs.length,
    masked: d.chance(0.5),
    padded: batch.length > 0 && d.chance(0.3),
    causal: d.chance(0.3),
    scale: d.pick([1, 0.5, 0.25]),
  };
  if (options.masked) {
    const dtype = d.pick(['bool', 'float32'] as const);
    inputs.push(d.takeShape(d.broadcastable(scores), { dtype, ...FACTOR }));
  }
  if (options.padded) {
    const lengths = Array.from({ length: batch[0]! }, () => d.between(0, keys));
    inputs.push(d.integers([batch[0]!], lengths));
  }
  return { inputs, options, results: [to] };
}

/** Not of special values: what is masked must be finite, too, since engines may or may not look at it. */
export const attention: ProgramOps = {
  attentionWeights: {
    draw: (d) =>
      draw(d, undefined, (batch, rows, keys) => ({
        shape: [...batch, rows, keys],
        dtype: 'float32',
        low: 0,
        high: 1,
      })),
    apply: (xs, options: Options) => core.attentionWeights(xs[0], xs[1], optionsOf(xs, options)),
  },
  scaledDotProductAttention: {
    draw(d) {
      const width = d.size();
      return draw(d, width, (batch, rows) => ({
        shape: [...batch, rows, width],
        dtype: 'float32',
        ...FACTOR,
      }));
    },
    apply: (xs, options: Options) =>
      core.scaledDotProductAttention(xs[0], xs[1], xs[2], optionsOf(xs, options)),
  },
};
