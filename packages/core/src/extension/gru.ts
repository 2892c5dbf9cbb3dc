import { zeros } from '../create.js';
import { runMany } from '../engine.js';
import { tidy } from '../memory.js';
import { identity } from '../ops/cast.js';
import type { Tensor } from '../tensor.js';
import { fill } from './composite.js';
import { GRU } from './gru-kernels.js';
import {
  checkRecurrent,
  initialState,
  projected,
  type RecurrentOptions,
  type RecurrentWeights,
  wholeLengths,
} from './recurrent-arguments.js';

export interface GruOptions extends RecurrentOptions {
  /** h [N, H] before the first step. Default: zeros. */
  readonly initialState?: Tensor | undefined;
}

export interface GruResult {
  /** h after each step, [N, T, H]. */
  readonly output: Tensor;
  /** h after the last one, [N, H]. */
  readonly hidden: Tensor;
}

/**
 * One layer of gated recurrent units over whole sequences, in one direction:
 *
 *     r, z = σ(W_ih·x_t + b_ih + W_hh·h + b_hh) of their rows
 *     n = tanh(W_in·x_t + b_in + r·(W_hn·h + b_hn)),   h ← (1 − z)·n + z·h
 *
 * Weights stand in PyTorch's shapes and order of gates: rows of r, z, n. Gradients of any order of x, weights, biases and
 * initial state. Positions of x beyond a sequence's length have no effect, but must be finite.
 *
 * Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014).
 * Differs from the paper as PyTorch does: the reset gate scales the product W_hn·h and its bias, not h before it, and z
 * keeps the old state where the paper's replaces it.
 *
 * @param x [N, T, I], float32.
 * @param weights `weightIh` [3H, I], `weightHh` [3H, H], `biasIh` and `biasHh` [3H], default zeros.
 * @returns `output` [N, T, H], and the state that the last step leaves: `hidden` [N, H].
 * @throws ShapeError for other shapes or dtypes.
 */
export function gru(x: Tensor, weights: RecurrentWeights, options: GruOptions = {}): GruResult {
  const { lengths, initialState: given, reverse = false } = options;
  const sizes = checkRecurrent('gru', 3, x, weights, lengths);
  return tidy(() => {
    const hidden = initialState('gru', 'initialState', given, sizes);
    if (x.shape[0]! * x.shape[1]! * sizes.hidden === 0) {
      return { output: zeros([sizes.batch, sizes.steps, sizes.hidden]), hidden: identity(hidden) };
    }
    const inputs = {
      projected: projected(x, weights, [weights.biasIh]),
      weight: weights.weightHh,
      bias: weights.biasHh ?? fill([3 * sizes.hidden], 0),
      hidden,
      lengths: lengths ?? wholeLengths(sizes),
    };
    const [output, last] = runMany(GRU, inputs, { reverse });
    return { output: output!, hidden: last! };
  });
}
