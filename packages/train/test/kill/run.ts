/**
 * The run that is killed: batch norm, dropout, momentum (eager steps, or compiled ones) or Adam (compiled), one cycle, a validation,
 * checkpoints within epochs.
 */
import { Rng } from '@stratajs/core';
import {
  BatchNorm1d,
  Dropout,
  Linear,
  losses,
  type Module,
  ReLU,
  Sequential,
} from '@stratajs/layers';
import { Adam, schedules, SGD } from '@stratajs/optimizers';
import { files } from '#platform';
import { type History, metrics, Trainer } from '../../src/index.js';
import { toyLoader } from '../toy.js';

export type Rule = 'momentum' | 'compiled momentum' | 'adam';

const EPOCHS = 3;

/**
 * Takes up the run, or begins it.
 *
 * @param moment called at each place where a process may die: in every forward of eager steps, at the end of every
 *   step, before, during and after everything that the run asks of the file system.
 */
export async function takeUp(
  runDir: string,
  rule: Rule,
  moment: (name: string) => void,
  resume: boolean | string = true,
): Promise<History> {
  const model = modelOf(new Rng(2));
  const compiles = rule !== 'momentum';
  if (!compiles) model.onForward(() => moment('forward'));
  const restore = watchFiles(moment);
  try {
    const trainer = new Trainer({
      model,
      optimizer: optimizerOf(rule, model),
      loss: losses.crossEntropy,
      metrics: { accuracy: metrics.accuracy() },
      schedule: schedules.oneCycle({ maxLearningRate: 0.05, totalSteps: 5 * EPOCHS }),
      runDir,
      compile: compiles,
      checkpoints: { everySteps: 2 },
      callbacks: { onStepEnd: ({ step }) => moment(`step ${step}`) },
      logEvery: 3,
      progress: false,
    });
    return await trainer.fit(toyLoader(), { epochs: EPOCHS, validation: toyLoader(4), resume });
  } finally {
    restore();
  }
}

function modelOf(rng: Rng): Module {
  return new Sequential(
    new Linear(4, 6, { rng }),
    new BatchNorm1d(6),
    new ReLU(),
    new Dropout(0.25, { rng }),
    new Linear(6, 3, { rng }),
  );
}

function optimizerOf(rule: Rule, model: Module): SGD | Adam {
  return rule === 'adam'
    ? new Adam(model, { weightDecay: 0.01 })
    : new SGD(model, { learningRate: 0.1, momentum: 0.9, nesterov: true });
}

function watchFiles(moment: (name: string) => void): () => void {
  const works = { ...files };
  for (const call of ['makeDirectory', 'write', 'append', 'sync', 'rename', 'remove'] as const) {
    const watched = async (path: string, more: never): Promise<void> => {
      const name = `${call} ${path.split(/[\\/]/).at(-1)}`;
      moment(`before ${name}`);
      const done = works[call](path, more);
      moment(`during ${name}`);
      await done;
      moment(`after ${name}`);
    };
    Object.assign(files, { [call]: watched });
  }
  return () => void Object.assign(files, works);
}
