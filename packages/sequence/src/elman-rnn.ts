import {
  add,
  ConfigError,
  describeValue,
  greater,
  identity,
  linear,
  type RecurrentWeights,
  relu,
  reshape,
  ShapeError,
  stack,
  tanh,
  type Tensor,
  unstack,
  where,
  zeros,
} from '@stratajs/core';
import type { RecurrentInput, RecurrentOutput } from './gru.js';
import {
  RECURRENT_OPTIONS,
  RecurrentLayer,
  type RecurrentLayerOptions,
} from './recurrent-layer.js';

export interface ElmanRNNOptions extends RecurrentLayerOptions {
  /** Default 'tanh'. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

const NONLINEARITIES = { tanh, relu };

/**
 * Elman's simple recurrent network over sequences, in layers, in one direction or both:
 *
 *     h ← tanh(W_ih·x_t + b_ih + W_hh·h + b_hh)
 *
 * Shapes: x [N, T, inputSize] → `output` [N, T, directions · hiddenSize], `hidden` [numLayers · directions, N, hiddenSize], layer
 * by layer, forward before reverse. Weights as in torch.nn.RNN: `weightIhL0` [hiddenSize, inputSize], `weightHhL0`
 * [hiddenSize, hiddenSize], `biasIhL0`, `biasHhL0` [hiddenSize]; `…L0Reverse`, `…L1`.
 *
 * With `lengths`, each sequence ends at its own length, where the reverse direction begins; positions beyond it must be
 * finite.
 *
 * @throws ConfigError for a size that is no positive whole number, a dropout outside [0, 1), another nonlinearity or an
 * unknown option.
 * @throws ShapeError for inputs, lengths or states of other shapes.
 *
 * Paper: Elman, "Finding structure in time", Cognitive Science 14 (1990).
 * Differs from the paper: tanh for the logistic function, and gradients through all steps, not one.
 */
export class ElmanRNN extends RecurrentLayer {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, options: ElmanRNNOptions = {}) {
    super(1, inputSize, hiddenSize, options, [...RECURRENT_OPTIONS, 'nonlinearity']);
    const { nonlinearity = 'tanh' } = options;
    if (!Object.hasOwn(NONLINEARITIES, nonlinearity)) {
      throw new ConfigError(
        `The nonlinearity of ElmanRNN is 'tanh' or 'relu'. Received: ${describeValue(nonlinearity)}.`,
      );
    }
    this.nonlinearity = nonlinearity;
  }

  forward(x: Tensor, { lengths, initialState }: RecurrentInput = {}): RecurrentOutput {
    const given = initialState && { state: initialState };
    if (lengths && (lengths.dtype !== 'int32' || String(lengths.shape) !== String([x.shape[0]]))) {
      throw new ShapeError(
        `The lengths of ElmanRNN are int32, one for each sequence. Expected: [${x.shape[0]}]. ` +
          `Received: ${describeValue(lengths)}.`,
      );
    }
    const { output, last } = this.runLayers(x, given, (input, weights, states, reverse) =>
      this.runSteps(input, weights, states?.[0], lengths, reverse),
    );
    return { output, hidden: last[0]! };
  }

  private runSteps(
    x: Tensor,
    { weightIh, weightHh, biasIh, biasHh }: RecurrentWeights,
    initial: Tensor | undefined,
    lengths: Tensor | undefined,
    reverse: boolean,
  ): { output: Tensor; last: Tensor[] } {
    const squash = NONLINEARITIES[this.nonlinearity];
    const [batch, length] = x.shape as [number, number, number];
    let h = initial ?? zeros([batch, this.hiddenSize]);
    if (length === 0) return { output: zeros([batch, 0, this.hiddenSize]), last: [identity(h)] };
    const products = unstack(linear(x, weightIh, biasIh), 1); // T times [N, H]
    const outputs: Tensor[] = [];
    for (let k = 0; k < length; k++) {
      const t = reverse ? length - 1 - k : k;
      const next = squash(add(products[t]!, linear(h, weightHh, biasHh)));
      const runs = lengths && greater(reshape(lengths, [batch, 1]), t);
      outputs[t] = runs ? where(runs, next, 0) : next;
      h = runs ? where(runs, next, h) : next;
    }
    return { output: stack(outputs, 1), last: [h] };
  }
}
