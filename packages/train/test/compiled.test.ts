import { add, mul, type Parameter, tensor, type Tensor } from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam, clipByGlobalNorm, schedules } from '@stratajs/optimizers';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { metrics, Trainer, type TrainerOptions } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);
afterEach(() => void vi.restoreAllMocks());

/** Three epochs of a toy; what the model holds then, and the history without its clock. */
async function trained(
  compile: TrainerOptions['compile'] & {},
  more: (model: Module) => Partial<TrainerOptions> = () => ({}),
): Promise<{ states: number[][]; epochs: unknown[] }> {
  const model = toyModel();
  const optimizer = new Adam(model, { weightDecay: 0.01 });
  const trainer = new Trainer({
    model,
    optimizer,
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy() },
    schedule: schedules.oneCycle({ maxLearningRate: 0.05, totalSteps: 15 }),
    transformGradients: (grads) => clipByGlobalNorm(grads, 0.5),
    progress: false,
    compile,
    ...more(model),
  });
  const history = await trainer.fit(toyLoader(), { epochs: 3, validation: toyLoader(4) });
  const states: number[][] = [];
  for (const [, state] of [...model.namedStates(), ...optimizer.namedStates()]) {
    const value = state.value;
    states.push(Array.from(await value.data(), Number));
    value.dispose();
  }
  const epochs = history.epochs.map((epoch) => ({ ...epoch, seconds: 0, samplesPerSecond: 0 }));
  return { states, epochs };
}

describe('the step of a trainer', () => {
  test('compiled, it gives the bits of the eager one: dropout, schedule, clipping, metrics', async () => {
    const warning = vi.spyOn(console, 'warn');
    expect(await trained(true)).toEqual(await trained(false));
    expect(warning).not.toHaveBeenCalled();
  });

  test('a layer that is frozen in the middle of an epoch stays as it is from then on', async () => {
    const freezing = (model: Module): Partial<TrainerOptions> => ({
      callbacks: {
        onStepEnd: ({ step }) => {
          const [first] = model.parameters() as [Parameter];
          first.trainable = step < 3 || step > 8;
        },
      },
    });
    const [compiled, eager, free] = [
      await trained(true, freezing),
      await trained(false, freezing),
      await trained(true),
    ];
    expect(compiled).toEqual(eager);
    expect(compiled.states[0]).not.toEqual(free.states[0]);
  });

  test('what cannot be compiled runs eagerly, and one warning says why', async () => {
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const offset = (): Partial<TrainerOptions> => ({
      loss: (output: Tensor, y: Tensor) => losses.crossEntropy(add(output, tensor([1, 2, 3])), y),
    });
    const received = await trained(true, offset);
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning.mock.calls[0]![0]).toMatch(
      /runs eagerly.*tensor\(\) of values of the host.*compile: false/s,
    );
    expect(received).toEqual(await trained(false, offset));
    expect(warning).toHaveBeenCalledTimes(1);
  });

  test('compared with eager steps now and then, it gives the same', async () => {
    expect(await trained({ checkEvery: 3 })).toEqual(await trained(true));
  });

  test('a difference ends training with an error that says which step and what', async () => {
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {});
    for (const checkEvery of [1, 4]) {
      let calls = 0;
      // A counter in JavaScript: each time the loss runs eagerly, it is another one.
      const counting = (): Partial<TrainerOptions> => ({
        loss: (output: Tensor, y: Tensor) => mul(losses.crossEntropy(output, y), ++calls),
      });
      await expect(trained({ checkEvery }, counting)).rejects.toThrow(
        new RegExp(
          `^Call ${checkEvery} of The step of the trainer, compiled, differs.*result\\.loss`,
        ),
      );
    }
    expect(warning).not.toHaveBeenCalled();
    await expect(trained({ checkEvery: 0 })).rejects.toThrow('checkEvery');
  });
});
