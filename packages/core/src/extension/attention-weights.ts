import { run } from '../engine.js';
import { tidy } from '../memory.js';
import { sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { attentionInputs, type AttentionOptions } from './attention-inputs.js';
import { weigh } from './attention-scores.js';

/**
 * The weights of scaledDotProductAttention(), for those who want to see them or to change them (dropout) before they
 * multiply by the values:
 *
 *     softmax(scale·q·kᵀ + mask),   row by row; a row of which everything is masked is zero
 *
 * Takes memory for L·S weights and some intermediate results; gradients of any order.
 *
 * @param q [..., L, E], float32.
 * @param k [..., S, E]. The axes before the last two broadcast.
 * @returns [..., L, S].
 * @throws ShapeError for other shapes or dtypes, ConfigError for a scale that is not finite.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions = {}): Tensor {
  return tidy(() => {
    const { batch, attributes, ...inputs } = attentionInputs('attentionWeights', q, k, options);
    const shape = [...batch, q.shape.at(-2)!, k.shape.at(-2)!];
    if (sizeOf(shape) === 0) return run('Fill', {}, { shape, value: 0, dtype: 'float32' });
    return weigh(inputs.q, inputs.k, inputs.mask, inputs.lengths, attributes).weights;
  });
}
