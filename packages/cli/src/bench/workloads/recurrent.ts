/** Recurrent layers over whole sequences, forward and with all gradients. */
import { mul, Parameter, Rng, sum, type Tensor, valueAndGrad } from '@stratajs/core';
import { Module } from '@stratajs/layers';
import { GRU, LSTM } from '@stratajs/sequence';
import { inModes, type Workload } from './workload.js';

interface Recurrence {
  readonly name: string;
  readonly title: string;
  readonly gates: number;
  /** [sequences, steps, features] */
  readonly shape: readonly [number, number, number];
  readonly hidden: number;
  readonly bar: number;
  make(inputs: number, hidden: number, options: { rng: Rng }): LSTM | GRU;
}

const recurrencesOf: readonly Recurrence[] = [
  {
    name: 'lstm',
    title: 'LSTM 128→256, batch 32, 64 steps',
    gates: 4,
    shape: [32, 64, 128],
    hidden: 256,
    bar: 0.5,
    make: (...args) => new LSTM(...args),
  },
  {
    name: 'gru',
    title: 'GRU 64→128, batch 16, 32 steps',
    gates: 3,
    shape: [16, 32, 64],
    hidden: 128,
    bar: 0.6,
    make: (...args) => new GRU(...args),
  },
];

/** A layer and its input, so that gradients are taken of both. */
class WithInput extends Module {
  readonly x: Parameter;
  readonly layer: LSTM | GRU;

  constructor(x: Tensor, layer: LSTM | GRU) {
    super();
    this.x = new Parameter(x);
    this.layer = layer;
  }

  forward(): Tensor {
    return this.layer.forward(this.x.value).output;
  }
}

export const recurrences: readonly Workload[] = recurrencesOf.flatMap((r) => {
  const [batch, steps, inputs] = r.shape;
  const weights = r.gates * r.hidden * (inputs + r.hidden);
  const workload = {
    name: r.name,
    title: `${r.title}, forward and gradients`,
    // Forward, gradients of inputs and of weights.
    flops: 3 * 2 * batch * steps * weights,
    // x, its gradient, y and dy; each weight and its gradient.
    bytes: 4 * (2 * batch * steps * (inputs + r.hidden) + 2 * weights),
    step() {
      const rng = new Rng(1);
      const model = new WithInput(rng.normal(r.shape), r.make(inputs, r.hidden, { rng }));
      const dy = rng.normal([batch, steps, r.hidden]);
      const gradients = valueAndGrad(() => sum(mul(model.forward(), dy)), model);
      return () => {
        const { value, grads } = gradients();
        return [value, ...Object.values(grads)];
      };
    },
  };
  return inModes(workload, { bar: r.bar });
});
