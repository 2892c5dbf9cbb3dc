/** Recurrent layers over whole sequences. */
import * as core from '@stratajs/core';
import type { Drawing, Drawn, Value } from '../drawing.js';
import type { ProgramOps } from './program-op.js';

/** Rounding grows from step to step by what weights multiply it with: few steps, moderate weights. */
const MOST_STEPS = 9;
const FACTOR = { low: -2, high: 2 };

/** Which of the arguments after x and both weights there are. */
type Options = {
  readonly biasIh: boolean;
  readonly biasHh: boolean;
  /** The initial state: of an LSTM the hidden one and the cell. */
  readonly state: boolean;
  readonly lengths: boolean;
  readonly reverse: boolean;
};

function draw(d: Drawing, gates: number, cells: boolean): Drawn | undefined {
  const [batch, steps, features] = [d.size(0, 33), d.size(0, MOST_STEPS), d.size(0, 17)];
  const hidden = d.size();
  const rows = gates * hidden;
  const shapes = {
    x: [batch, steps, features],
    weightIh: [rows, features],
    weightHh: [rows, hidden],
    // What the kernels hold: the products with the input, and notes for the gradient.
    projected: [batch, steps, rows],
    trace: [batch, steps, rows + 2 * hidden],
  };
  if (!Object.values(shapes).every((shape) => d.holds(shape))) return undefined;
  const most = 2 / Math.sqrt(Math.max(1, hidden));
  const options: Options = {
    biasIh: d.chance(0.6),
    biasHh: d.chance(0.6),
    state: d.chance(0.5),
    lengths: d.chance(0.5),
    reverse: d.chance(0.4),
  };
  const inputs = [
    d.takeShape(shapes.x, FACTOR),
    d.takeShape(shapes.weightIh, { low: -1, high: 1 }),
    d.takeShape(shapes.weightHh, { low: -most, high: most }),
  ];
  for (const there of [options.biasIh, options.biasHh])
    if (there) inputs.push(d.takeShape([rows], FACTOR));
  if (options.state) {
    inputs.push(d.takeShape([batch, hidden], FACTOR));
    if (cells) inputs.push(d.takeShape([batch, hidden], FACTOR));
  }
  if (options.lengths) {
    // Some are beyond all steps, which is as if they ended with them.
    const lengths = Array.from({ length: batch }, () => d.between(0, steps + 1));
    inputs.push(d.integers([batch], lengths));
  }
  // A GRU's state lies between its candidates and the state before; an LSTM's cell may grow by 1 in every step.
  const state: Value = { shape: [batch, hidden], dtype: 'float32', ...FACTOR };
  return {
    inputs,
    options,
    results: [
      { ...state, shape: [batch, steps, hidden] },
      state,
      ...(cells ? [{ ...state, low: -2 - steps, high: 2 + steps }] : []),
    ],
  };
}

/** The arguments by their names; `states` of them hold the initial state. */
function named(xs: readonly core.Tensor[], options: Options, states: number) {
  const [x, weightIh, weightHh, ...rest] = xs as [core.Tensor, core.Tensor, core.Tensor];
  const next = (there: boolean): core.Tensor | undefined => (there ? rest.shift() : undefined);
  const [biasIh, biasHh] = [next(options.biasIh), next(options.biasHh)];
  const state = options.state ? rest.splice(0, states) : undefined;
  return {
    x,
    weights: { weightIh, weightHh, biasIh, biasHh },
    state,
    lengths: next(options.lengths),
  };
}

/** Not of special values: what lies beyond a sequence's length must be finite. */
export const recurrent: ProgramOps = {
  lstm: {
    draw: (d) => draw(d, 4, true),
    apply(xs, options: Options) {
      const { x, weights, state, lengths } = named(xs, options, 2);
      const initialState = state && { hidden: state[0]!, cell: state[1]! };
      const { reverse } = options;
      const { output, hidden, cell } = core.lstm(x, weights, { initialState, lengths, reverse });
      return [output, hidden, cell];
    },
  },
  gru: {
    draw: (d) => draw(d, 3, false),
    apply(xs, options: Options) {
      const { x, weights, state, lengths } = named(xs, options, 1);
      const { reverse } = options;
      const initialState = state?.[0];
      const { output, hidden } = core.gru(x, weights, { initialState, lengths, reverse });
      return [output, hidden];
    },
  },
};
