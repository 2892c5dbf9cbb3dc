import * as core from '@stratajs/core';
import type { Table } from './types.js';

type Tensors = readonly core.Tensor[];

const weightsOf = ([, weightIh, weightHh, biasIh, biasHh]: Tensors): core.RecurrentWeights => ({
  weightIh: weightIh!,
  weightHh: weightHh!,
  biasIh,
  biasHh,
});

function lstm(xs: Tensors, reverse: boolean = false): core.LstmResult {
  const initialState = { hidden: xs[5]!, cell: xs[6]! };
  return core.lstm(xs[0]!, weightsOf(xs), { initialState, reverse });
}

function gru(xs: Tensors, reverse: boolean = false): core.Tensor {
  return core.gru(xs[0]!, weightsOf(xs), { initialState: xs[5], reverse }).output;
}

/** Operations of golden/recurrent.py. */
export const recurrent: Table = {
  lstm: (...xs: Tensors) => core.tidy(() => lstm(xs).output),
  'lstm, last cell': (...xs: Tensors) => core.tidy(() => lstm(xs).cell),
  'lstm, reverse': (...xs: Tensors) => core.tidy(() => lstm(xs, true).output),
  gru: (...xs: Tensors) => core.tidy(() => gru(xs)),
  'gru, reverse': (...xs: Tensors) => core.tidy(() => gru(xs, true)),
};
