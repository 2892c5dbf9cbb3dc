import { lstm, type LstmState, type Tensor } from '@stratajs/core';
import { RecurrentLayer, type RecurrentLayerOptions } from './recurrent-layer.js';

export interface LSTMInput {
  /** Of each sequence, [N] int32. Beyond it outputs are 0 and the state stays. Default: all of T. */
  readonly lengths?: Tensor | undefined;
  /** `hidden` and `cell` [numLayers · directions, N, hiddenSize] before the first step. Default: zeros. */
  readonly initialState?: LstmState | undefined;
}

export interface LSTMOutput {
  /** h of the last layer after each step, [N, T, directions · hiddenSize]. */
  readonly output: Tensor;
  /** h of every layer and direction after its last step, [numLayers · directions, N, hiddenSize]. */
  readonly hidden: Tensor;
  /** c, likewise. */
  readonly cell: Tensor;
}

/**
 * Long short-term memory over sequences, in layers, in one direction or both:
 *
 *     i, f, o = σ(W_ih·x_t + b_ih + W_hh·h + b_hh) of their rows,   g = tanh(…) of its rows
 *     c ← f·c + i·g,   h ← o·tanh(c)
 *
 * Shapes: x [N, T, inputSize] → `output` [N, T, directions · hiddenSize], `hidden` and `cell` [numLayers · directions, N,
 * hiddenSize], layer by layer, forward before reverse. Weights as in torch.nn.LSTM: `weightIhL0` [4 · hiddenSize, inputSize],
 * `weightHhL0` [4 · hiddenSize, hiddenSize], `biasIhL0`, `biasHhL0` [4 · hiddenSize], rows of i, f, g, o; `…L0Reverse`, `…L1`.
 *
 * With `lengths`, each sequence ends at its own length, where the reverse direction begins; positions beyond it must be
 * finite.
 *
 * @throws ConfigError for a size that is no positive whole number, a dropout outside [0, 1), or an unknown option.
 * @throws ShapeError for inputs, lengths or states of other shapes.
 *
 * Papers: Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); Gers, Schmidhuber & Cummins,
 * "Learning to forget", Neural Computation 12 (2000).
 */
export class LSTM extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentLayerOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  forward(x: Tensor, { lengths, initialState }: LSTMInput = {}): LSTMOutput {
    const given = initialState && { hidden: initialState.hidden, cell: initialState.cell };
    const { output, last } = this.runLayers(x, given, (input, weights, states, reverse) => {
      const [hidden, cell] = states ?? [];
      const y = lstm(input, weights, {
        lengths,
        reverse,
        initialState: states && { hidden: hidden!, cell: cell! },
      });
      return { output: y.output, last: [y.hidden, y.cell] };
    });
    return { output, hidden: last[0]!, cell: last[1]! };
  }
}
