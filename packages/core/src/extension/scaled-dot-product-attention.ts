import { run, runMany } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import { shapeText, sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import {
  attentionInputs,
  type AttentionOptions,
  checkMatrices,
  filling,
} from './attention-inputs.js';
import { ATTENTION } from './attention-kernels.js';
import { fill } from './composite.js';

/**
 * Each query looks at all keys and takes the mean of their values, weighted by how well they fit:
 *
 *     y = softmax(scale·q·kᵀ + mask)·v,   row by row
 *
 * Vaswani et al., "Attention is all you need" (2017). As `torch.nn.functional.scaled_dot_product_attention`, but a query
 * that may look at no key gives zeros, and gradients of zero, where PyTorch's formula gives NaN; `mask`, `causal` and
 * `lengths` may be given together; and dropout is left to the caller, on `attentionWeights`. Gradients of any order of
 * q, k, v and a float32 mask. Keys and values that are masked must still be finite. The native engine computes it block
 * by block (Dao et al., "FlashAttention", 2022), in memory that grows with L + S, not L·S.
 *
 * @param q [..., L, E], float32.
 * @param k [..., S, E].
 * @param v [..., S, D]. The axes before the last two broadcast.
 * @returns [..., L, D].
 * @throws ShapeError for other shapes or dtypes, ConfigError for a scale that is not finite.
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const op = 'scaledDotProductAttention';
  checkMatrices(op, v, 'v', '[..., S, D]');
  return tidy(() => {
    const inputs = attentionInputs(op, q, k, options, v.shape.slice(0, -2));
    if (v.shape.at(-2) !== k.shape.at(-2)) {
      throw new ShapeError(
        `${op}() takes a value for each key. Received: k ${shapeText(k.shape)}, v ${shapeText(v.shape)}. ` +
          'Their second last axes must agree.',
      );
    }
    const shape = [...inputs.batch, q.shape.at(-2)!, v.shape.at(-1)!];
    if (sizeOf(shape) === 0 || v.size === 0) {
      return run('Fill', {}, { shape, value: 0, dtype: 'float32' });
    }
    const [y] = runMany(
      ATTENTION,
      {
        q: inputs.q,
        k: inputs.k,
        v: filling(v, inputs.batch),
        mask: inputs.mask ?? fill([0], 0),
        lengths: inputs.lengths ?? fill([0], 0, 'int32'),
      },
      { ...inputs.attributes },
    );
    return y!;
  });
}
