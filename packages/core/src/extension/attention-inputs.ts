/** What scaledDotProductAttention() and attentionWeights() share: their options, and the checks of what they are given. */
import { describe } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { broadcastShapes, checkTensor, sameShape, shapeText } from '../ops/arguments.js';
import { checkFloat } from '../ops/conv2d.js';
import { broadcastTo } from '../ops/shape.js';
import type { Shape, Tensor } from '../tensor.js';
import type { AttentionAttributes } from './attention-scores.js';

export interface AttentionOptions {
  /**
   * Broadcasts to [..., L, S]. bool: true where a query may look at a key (as in PyTorch's
   * `scaled_dot_product_attention`; masks of `torch.nn.MultiheadAttention` say the opposite). float32: is added to
   * the scores, and has a gradient.
   */
  readonly mask?: Tensor | undefined;
  /** Query i looks at the keys 0 … i only. Default false. */
  readonly causal?: boolean;
  /** The factor of the products. Default 1/√E. */
  readonly scale?: number | undefined;
  /** int32 [N], N the first of the leading axes: the keys from lengths[n] on are padding. Default: none are. */
  readonly lengths?: Tensor | undefined;
}

interface AttentionInputs {
  /** Of the same leading axes, those of all three broadcast. */
  readonly q: Tensor;
  readonly k: Tensor;
  /** [..., L or 1, S] or [S]. */
  readonly mask: Tensor | undefined;
  readonly lengths: Tensor | undefined;
  readonly batch: Shape;
  readonly attributes: AttentionAttributes;
}

/** Inside a tidy: what is broadcast is a tensor of its own. `others` are the leading axes of what comes along. */
export function attentionInputs(
  op: string,
  q: Tensor,
  k: Tensor,
  { mask, causal = false, scale, lengths }: AttentionOptions,
  others: Shape = [],
): AttentionInputs {
  checkMatrices(op, q, 'q', '[..., L, E]');
  checkMatrices(op, k, 'k', '[..., S, E]');
  const features = q.shape.at(-1)!;
  if (features !== k.shape.at(-1) || features === 0) {
    throw new ShapeError(
      `Queries and keys of ${op}() have the same number of features, at least 1. ` +
        `Received: q ${shapeText(q.shape)}, k ${shapeText(k.shape)}. Project one of them.`,
    );
  }
  if (typeof causal !== 'boolean') {
    throw new ConfigError(
      `The option causal of ${op}() is true or false. Received: ${describe(causal)}.`,
    );
  }
  if (scale !== undefined && !Number.isFinite(scale)) {
    throw new ConfigError(
      `The scale of ${op}() is a finite number. Received: ${describe(scale)}. Leave it out for 1/√E.`,
    );
  }
  const leading = broadcastShapes(q.shape.slice(0, -2), k.shape.slice(0, -2), op);
  const batch = broadcastShapes(leading, others, op);
  const [rows, columns] = [q.shape.at(-2)!, k.shape.at(-2)!];
  checkLengths(op, lengths, batch);
  return {
    q: filling(q, batch),
    k: filling(k, batch),
    mask: mask && checkedMask(op, mask, [...batch, rows, columns]),
    lengths,
    batch,
    attributes: { causal, scale: scale ?? 1 / Math.sqrt(features) },
  };
}

/** `x` with its last two axes after the axes `batch`. */
export function filling(x: Tensor, batch: Shape): Tensor {
  const shape = [...batch, ...x.shape.slice(-2)];
  return sameShape(shape, x.shape) ? x : broadcastTo(x, shape);
}

export function checkMatrices(op: string, x: Tensor, name: string, layout: string): void {
  checkTensor(x, op, name);
  checkFloat(op, x, name);
  if (x.shape.length >= 2) return;
  throw new ShapeError(
    `The argument ${name} of ${op}() has at least two axes ${layout}. Received: shape ${shapeText(x.shape)}. ` +
      'reshape() or expandDims() it first.',
  );
}

function checkedMask(op: string, mask: Tensor, scores: Shape): Tensor {
  checkTensor(mask, op, 'mask');
  if (mask.dtype !== 'bool' && mask.dtype !== 'float32') {
    throw new ShapeError(
      `The mask of ${op}() is bool (true: may look) or float32 (added to the scores). Received: ${describe(mask)}. cast() it.`,
    );
  }
  if (!sameShape(broadcastShapes(mask.shape, scores, op), scores)) {
    throw new ShapeError(
      `The mask of ${op}() broadcasts to the scores, ${shapeText(scores)}. Received: mask ${shapeText(mask.shape)}. ` +
        'A mask of keys for each sample and all heads is [N, 1, 1, S].',
    );
  }
  const columns = scores.at(-1)!;
  return mask.shape.at(-1) === columns
    ? mask
    : broadcastTo(mask, [...mask.shape.slice(0, -1), columns]);
}

function checkLengths(op: string, lengths: Tensor | undefined, batch: Shape): void {
  if (lengths === undefined) return;
  checkTensor(lengths, op, 'lengths');
  if (lengths.dtype === 'int32' && batch.length > 0 && sameShape(lengths.shape, [batch[0]!])) {
    return;
  }
  throw new ShapeError(
    `The lengths of ${op}() are int32 of shape [N], N the first of the axes before [L, E]` +
      `${batch.length > 0 ? `: ${batch[0]}` : ', of which there are none here'}. Received: ${describe(lengths)}. ` +
      "cast(lengths, 'int32') or expandDims() the others.",
  );
}
