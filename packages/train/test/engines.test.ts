/** Runs that change the engine under way, and what is read of an engine whose reads stall it. */
import { BackendError, type BackendPlugin, closeBackends, tensor, use } from '@stratajs/core';
import { losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { testEngine } from '../../core/test/test-engine.js';
import { latestCheckpoint, readCheckpoint, Trainer, type TrainerOptions } from '../src/index.js';
import { runFolder } from './run-folder.js';
import { toyLoader, toyModel } from './toy.js';

/** An engine like that of a GPU: it computes apart, and may be lost. */
function apart(name: string, readsStall: boolean = true): BackendPlugin {
  const plugin = testEngine(name);
  return {
    ...plugin,
    open: async () => {
      const opened = await plugin.open();
      return { ...opened, describe: () => ({ ...opened.describe(), readsStall }) };
    },
  };
}

function trainer(options: Partial<TrainerOptions> = {}): Trainer {
  const model = toyModel();
  return new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
    loss: losses.crossEntropy,
    progress: false,
    ...options,
  });
}

afterEach(async () => {
  vi.restoreAllMocks();
  await closeBackends();
});

describe('a run goes on with another engine', () => {
  test('when it is asked for, and not unasked', async () => {
    const runDir = runFolder();
    await use(apart('first-gpu'));
    await trainer({ runDir }).fit(toyLoader(), { epochs: 1 });
    await closeBackends();
    await use(apart('second-gpu'));
    const resumed = trainer({ runDir });
    const refused = resumed.fit(toyLoader(), { epochs: 2, resume: true });
    await expect(refused).rejects.toThrow(
      /of 'first-gpu', where 'second-gpu' is active\. use\(\) that one, or pass \{ otherEngine: true \}/,
    );
    expect(resumed.step).toBe(0);
    const history = await trainer({ runDir }).fit(toyLoader(), {
      epochs: 2,
      resume: true,
      otherEngine: true,
    });
    expect(history.epochs).toHaveLength(2);
    const path = (await latestCheckpoint(runDir))!;
    expect((await readCheckpoint(path)).extra.json['trainer']).toMatchObject({
      engine: 'second-gpu',
      epoch: 2,
    });
  });

  test('after the first was lost in mid-run, from its last checkpoint', async () => {
    const runDir = runFolder();
    await use(apart('lost-gpu'));
    const lost = new BackendError('The device was lost.');
    const unlucky = trainer({
      runDir,
      checkpoints: { everySteps: 2 },
      callbacks: {
        onStepEnd: ({ step }) => {
          if (step === 3) throw lost;
        },
      },
    });
    await expect(unlucky.fit(toyLoader(), { epochs: 2 })).rejects.toBe(lost);
    await closeBackends();
    await use(apart('spare-gpu'));
    const starts: number[] = [];
    const history = await trainer({
      runDir,
      callbacks: { onFitStart: ({ step }) => void starts.push(step) },
    }).fit(toyLoader(), { epochs: 2, resume: true, otherEngine: true });
    expect(starts).toEqual([2]);
    expect(history.epochs).toHaveLength(2);
  });
});

describe('an engine whose reads stall', () => {
  /** How many reads an epoch of five steps makes, beyond those of the next. */
  async function readsOf(plugin: BackendPlugin, options: Partial<TrainerOptions>): Promise<number> {
    await use(plugin);
    const probe = tensor([1]);
    const prototype = Object.getPrototypeOf(probe) as typeof probe;
    probe.dispose();
    const reads = vi.spyOn(prototype, 'data');
    const reader = trainer(options);
    await reader.fit(toyLoader(), { epochs: 3 });
    const before = reads.mock.calls.length;
    await reader.fit(toyLoader(), { epochs: 4 });
    return reads.mock.calls.length - before;
  }

  test('is read at the end of an epoch, not in its steps', async () => {
    const each = await readsOf(apart('near'), { checkEvery: 1 });
    const usual = await readsOf(apart('far'), {});
    // One look for all five gates, where there were five.
    expect(each - usual).toBe(4);
    // Beside it the totals of the loss and its samples.
    expect(usual).toBeLessThanOrEqual(3);
  });

  test('is read at each step where that costs nothing', async () => {
    const usual = await readsOf(apart('here', false), {});
    const each = await readsOf(apart('here-too'), { checkEvery: 1 });
    expect(usual).toBe(each);
  });
});
