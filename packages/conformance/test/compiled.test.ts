import {
  add,
  closeBackends,
  dropout,
  Parameter,
  type Rng,
  Scalar,
  sgdUpdate,
  tidy,
  type Tensor,
  use,
  zeros,
} from '@stratajs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { failure } from '../src/check.js';
import { compiledTraining } from '../src/checks/compiled-training.js';
import { layerTraining } from '../src/training/layer-training.js';
import { lossTraining } from '../src/training/loss-training.js';
import { type OptimizerLike, optimizerTraining } from '../src/training/optimizer-training.js';
import type { Training } from '../src/training/training.js';
import { copiedCpu } from './copied-cpu.js';
import { damages, damaging } from './damaging-compiler.js';

afterEach(closeBackends);

/** A layer as a stranger writes one: y = dropout(x) + b. */
class Shift {
  training = true;
  private readonly rng: Rng;
  private readonly bias: Parameter = tidy(() => new Parameter(zeros([3]), { name: 'bias' }));

  constructor(rng: Rng) {
    this.rng = rng;
  }
  namedParameters(): [string, Parameter][] {
    return [['bias', this.bias]];
  }
  namedStates(): [string, Parameter][] {
    return this.namedParameters();
  }
  train(): this {
    this.training = true;
    return this;
  }
  eval(): this {
    return this;
  }
  forward(x: Tensor): Tensor {
    return tidy(() => add(dropout(x, 0.5, { rng: this.rng }), this.bias.value));
  }
}

const descent = (parameters: ReadonlyMap<string, Parameter>): OptimizerLike => {
  const learningRate = new Scalar(0.1);
  return {
    learningRate,
    step(grads, { gate } = {}) {
      const moved = [...parameters].filter(([, p]) => p.trainable);
      sgdUpdate({
        parameters: moved.map(([, p]) => p),
        gradients: moved.map(([name]) => grads[name]!),
        learningRate,
        gate,
      });
    },
    namedStates: () => [],
    dispose: () => {},
  };
};

const trainings: Readonly<Record<string, Training>> = {
  layer: layerTraining((rng) => new Shift(rng), [{ shape: [4, 3] }]),
  loss: lossTraining((x, y) => add(x, y), { shape: [4] }, { shape: [4] }),
  optimizer: optimizerTraining(descent, { schedule: (step) => 0.1 / (step + 1) }),
};

async function failures(training: Training): Promise<(Error | null)[]> {
  const errors: (Error | null)[] = [];
  for (const check of compiledTraining(training, { relative: 0 }))
    errors.push(await failure(check));
  return errors;
}

describe('checks of a training', () => {
  it.each(Object.keys(trainings))('pass for a %s on core’s own replay', async (name) => {
    await use(copiedCpu('strata-damaging'));
    expect(await failures(trainings[name]!)).toEqual([null, null]);
  });

  it.each([
    ['forgets what States are to hold', 'optimizer'],
    ['draws the numbers of the recording again', 'layer'],
    ['does not move generators on', 'layer'],
    ['gives results in another order', 'layer'],
    ['takes Scalars for constants', 'optimizer'],
    ['leaves an instruction out', 'loss'],
  ])('find a compiler that %s, by a %s', async (damage, name) => {
    await use(damaging(damages[damage]!));
    expect((await failures(trainings[name]!))[0]).toBeInstanceOf(Error);
  });

  it('find a compiler that keeps a tensor', async () => {
    await use(damaging(damages['keeps a tensor']!));
    const [left, again] = await failures(trainings['loss']!);
    expect(again).toBeNull();
    expect(left!.message).toMatch(/leaves 1 tensors behind/);
  });

  it('find a layer that is recorded anew in every step', async () => {
    await use(copiedCpu('strata-damaging'));
    let calls = 0;
    class Restless extends Shift {
      override forward(x: Tensor): Tensor {
        return tidy(() => add(super.forward(x), new Scalar(++calls).value));
      }
    }
    const restless = layerTraining((rng) => new Restless(rng), [{ shape: [4, 3] }]);
    expect((await failures(restless))[1]).toBeInstanceOf(Error);
  });
});
