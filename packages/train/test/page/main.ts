/** A run in the browser that is cut off, and goes on in another page; and one that never was. */
import { cpu } from '@stratajs/backend-cpu';
import { use } from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { latestCheckpoint, Trainer } from '../../src/index.js';
import { toyLoader, toyModel } from '../toy.js';

export interface Outcome {
  readonly step: number;
  readonly interrupted: boolean;
  /** Of the newest checkpoint. */
  readonly checkpoint: string | null;
  readonly weights: readonly number[][];
}

const RUN = 'runs/toy';

async function fit(
  runDir: string | undefined,
  { stopAt = 0, resume = false }: { stopAt?: number; resume?: boolean },
): Promise<Outcome> {
  await use(cpu({ tier: 'javascript' }));
  const model: Module = toyModel();
  const stop = new AbortController();
  const trainer = new Trainer({
    model,
    optimizer: new Adam(model, { learningRate: 0.02 }),
    loss: losses.crossEntropy,
    callbacks: { onStepEnd: ({ step }) => void (step === stopAt && stop.abort()) },
    ...(runDir === undefined ? {} : { runDir }),
  });
  const { step, interrupted } = await trainer.fit(toyLoader(), {
    epochs: 3,
    signal: stop.signal,
    ...(resume ? { resume } : {}),
  });
  return {
    step,
    interrupted,
    checkpoint: runDir === undefined ? null : await latestCheckpoint(`${runDir}/checkpoints`),
    weights: await Promise.all(
      model.parameters().map(async (p) => [...((await p.value.data()) as Float32Array)]),
    ),
  };
}

const programs = {
  whole: () => fit(undefined, {}),
  begin: () => fit(RUN, { stopAt: 7 }),
  resume: () => fit(RUN, { resume: true }),
  again: () =>
    fit(RUN, {}).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    ),
};

Object.assign(globalThis, { run: (name: keyof typeof programs) => programs[name]() });
