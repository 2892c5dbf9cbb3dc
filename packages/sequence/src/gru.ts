import { gru, type Tensor } from '@stratajs/core';
import { RecurrentLayer, type RecurrentLayerOptions } from './recurrent-layer.js';

export interface RecurrentInput {
  /** Of each sequence, [N] int32. Beyond it outputs are 0 and the state stays. Default: all of T. */
  readonly lengths?: Tensor | undefined;
  /** h [numLayers · directions, N, hiddenSize] before the first step. Default: zeros. */
  readonly initialState?: Tensor | undefined;
}

export interface RecurrentOutput {
  /** h of the last layer after each step, [N, T, directions · hiddenSize]. */
  readonly output: Tensor;
  /** h of every layer and direction after its last step, [numLayers · directions, N, hiddenSize]. */
  readonly hidden: Tensor;
}

/**
 * Gated recurrent units over sequences, in layers, in one direction or both:
 *
 *     r, z = σ(W_ih·x_t + b_ih + W_hh·h + b_hh) of their rows
 *     n = tanh(W_in·x_t + b_in + r·(W_hn·h + b_hn)),   h ← (1 − z)·n + z·h
 *
 * Shapes: x [N, T, inputSize] → `output` [N, T, directions · hiddenSize], `hidden` [numLayers · directions, N, hiddenSize], layer
 * by layer, forward before reverse. Weights as in torch.nn.GRU: `weightIhL0` [3 · hiddenSize, inputSize], `weightHhL0`
 * [3 · hiddenSize, hiddenSize], `biasIhL0`, `biasHhL0` [3 · hiddenSize], rows of r, z, n; `…L0Reverse`, `…L1`.
 *
 * With `lengths`, each sequence ends at its own length, where the reverse direction begins; positions beyond it must be
 * finite.
 *
 * @throws ConfigError for a size that is no positive whole number, a dropout outside [0, 1), or an unknown option.
 * @throws ShapeError for inputs, lengths or states of other shapes.
 *
 * Paper: Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
 * Differs from the paper as PyTorch does: the reset gate scales the product W_hn·h and its bias, not h before it, and z
 * keeps the old state where the paper's replaces it.
 */
export class GRU extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentLayerOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  forward(x: Tensor, { lengths, initialState }: RecurrentInput = {}): RecurrentOutput {
    const given = initialState && { state: initialState };
    const { output, last } = this.runLayers(x, given, (input, weights, states, reverse) => {
      const y = gru(input, weights, { lengths, reverse, initialState: states?.[0] });
      return { output: y.output, last: [y.hidden] };
    });
    return { output, hidden: last[0]! };
  }
}
