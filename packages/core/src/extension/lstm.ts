import { zeros } from '../create.js';
import { runMany } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import { identity } from '../ops/cast.js';
import type { Tensor } from '../tensor.js';
import { LSTM } from './lstm-kernels.js';
import {
  checkRecurrent,
  initialState,
  projected,
  type RecurrentOptions,
  type RecurrentWeights,
  wholeLengths,
} from './recurrent-arguments.js';

export interface LstmState {
  /** h [N, H]. */
  readonly hidden: Tensor;
  /** c [N, H]. */
  readonly cell: Tensor;
}

export interface LstmOptions extends RecurrentOptions {
  /** The state before the first step. Default: zeros. */
  readonly initialState?: LstmState | undefined;
}

export interface LstmResult extends LstmState {
  /** h after each step, [N, T, H]. */
  readonly output: Tensor;
}

/**
 * One layer of long short-term memory over whole sequences, in one direction:
 *
 *     i, f, o = σ(W_ih·x_t + b_ih + W_hh·h + b_hh) of their rows,   g = tanh(…) of its rows
 *     c ← f·c + i·g,   h ← o·tanh(c)
 *
 * Weights stand in PyTorch's shapes and order of gates: rows of i, f, g, o. Gradients of any order of x, weights, biases
 * and initial state. Positions of x beyond a sequence's length have no effect, but must be finite.
 *
 * Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); forget gates: Gers, Schmidhuber &
 * Cummins, "Learning to forget" (2000).
 *
 * @param x [N, T, I], float32.
 * @param weights `weightIh` [4H, I], `weightHh` [4H, H], `biasIh` and `biasHh` [4H], default zeros.
 * @returns `output` [N, T, H], and the state that the last step leaves: `hidden` and `cell` [N, H].
 * @throws ShapeError for other shapes or dtypes.
 */
export function lstm(x: Tensor, weights: RecurrentWeights, options: LstmOptions = {}): LstmResult {
  const { lengths, initialState: given, reverse = false } = options;
  const sizes = checkRecurrent('lstm', 4, x, weights, lengths);
  if (given !== undefined && !(given?.hidden && given.cell)) {
    throw new ShapeError(
      'The initialState of lstm() is { hidden, cell }. Received: no such pair. Leave it out for zeros.',
    );
  }
  return tidy(() => {
    const hidden = initialState('lstm', 'initialState.hidden', given?.hidden, sizes);
    const cell = initialState('lstm', 'initialState.cell', given?.cell, sizes);
    if (x.shape[0]! * x.shape[1]! * sizes.hidden === 0) {
      const output = zeros([sizes.batch, sizes.steps, sizes.hidden]);
      return { output, hidden: identity(hidden), cell: identity(cell) };
    }
    const inputs = {
      projected: projected(x, weights, [weights.biasIh, weights.biasHh]),
      weight: weights.weightHh,
      hidden,
      cell,
      lengths: lengths ?? wholeLengths(sizes),
    };
    const [output, last, lastCell] = runMany(LSTM, inputs, { reverse });
    return { output: output!, hidden: last!, cell: lastCell! };
  });
}
