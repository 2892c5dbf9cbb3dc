import {
  add,
  firstNonFinite,
  matmul,
  mean,
  type NamedGradients,
  Parameter,
  Rng,
  type Scalar,
  square,
  type State,
  sub,
  tanh,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
} from '@stratajs/core';
import { prefixed } from './layer-training.js';
import { drawInputs, type Training } from './training.js';

/** What is known of an optimizer; those of @stratajs/optimizers have this shape. */
export interface OptimizerLike {
  readonly learningRate: Scalar;
  step(grads: NamedGradients, options?: { readonly gate?: Tensor }): void;
  namedStates(): Iterable<readonly [string, State]>;
  dispose(): void;
}

export interface OptimizerTrainingOptions {
  /** The learning rate by the number of steps done. Default: the optimizer's stays. */
  readonly schedule?: (step: number) => number;
  /** Changes the gradients before the update. */
  readonly transform?: (grads: NamedGradients) => NamedGradients;
}

const SIZES = { inputs: 65, hidden: 129, outputs: 7, batch: 4 };

/**
 * An optimizer that trains a network with one hidden layer. A step gives the loss, the gradients and the gate. Of eight steps
 * in the fourth the first parameter is frozen, and in the sixth the input is not finite, which the gate keeps from moving anything.
 *
 * @param create makes it for these parameters.
 */
export function optimizerTraining(
  create: (parameters: ReadonlyMap<string, Parameter>) => OptimizerLike,
  { schedule, transform = (grads) => grads }: OptimizerTrainingOptions = {},
): Training {
  const { inputs, hidden, outputs, batch } = SIZES;
  return () => {
    const parameters = networkOf(new Rng(3));
    const optimizer = create(parameters);
    const [w1, b1, w2] = [...parameters.values()] as [Parameter, Parameter, Parameter];
    const gradients = valueAndGrad(
      (x: Tensor, y: Tensor) => {
        const z = tanh(add(matmul(x, w1.value), b1.value));
        return mean(square(sub(matmul(z, w2.value), y)));
      },
      { namedParameters: () => parameters.entries() },
    );
    return {
      step(x, y) {
        const { value, grads } = gradients(x!, y!);
        const gate = firstNonFinite([value, ...Object.values(grads)]);
        optimizer.step(transform(grads), { gate });
        return { value, grads, gate };
      },
      args(n) {
        const [x, y] = drawInputs([{ shape: [batch, inputs] }, { shape: [batch, outputs] }], 7 + n);
        if (n !== 5) return [x!, y!];
        x!.dispose();
        return [tensor(new Float32Array(batch * inputs).fill(Number.NaN), [batch, inputs]), y!];
      },
      before(n) {
        if (schedule) optimizer.learningRate.value = schedule(n);
        w1.trainable = n !== 3;
      },
      states: new Map([...parameters, ...prefixed('optimizer', optimizer.namedStates())]),
      programs: 2,
      steps: 8,
      dispose() {
        optimizer.dispose();
        for (const p of parameters.values()) p.dispose();
      },
    };
  };

  function networkOf(rng: Rng): ReadonlyMap<string, Parameter> {
    const normal = (name: string, shape: number[]): [string, Parameter] => [
      name,
      new Parameter(rng.normal(shape, { std: 0.2 }), { name }),
    ];
    return tidy(
      () =>
        new Map([
          normal('w1', [inputs, hidden]),
          normal('b1', [hidden]),
          normal('w2', [hidden, outputs]),
        ]),
    );
  }
}
