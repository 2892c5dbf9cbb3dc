import { ConfigError, describeValue, type Rng, type Tensor } from '@stratajs/core';
import type { Schedule } from '@stratajs/optimizers';
import { nextTask } from '#platform';
import {
  type Batches,
  type BatchSource,
  checkBatch,
  disposeBatch,
  type TrainingBatch,
} from './batches.js';
import { type Callbacks, notify } from './callbacks.js';
import { saveCheckpoint } from './checkpoint/save.js';
import { EpochTotals, type Metrics } from './epoch-totals.js';
import { evaluateModel } from './evaluate.js';
import { FiniteWatch } from './finite-watch.js';
import type { EpochRecord } from './history.js';
import type { JsonObject } from './json.js';
import { type Position, toExtra } from './position.js';
import type { RunDirectory } from './run-directory.js';
import type { StopSignal } from './stop-signal.js';
import {
  type CompiledStepOptions,
  type StepParts,
  type StepResult,
  TrainStep,
} from './train-step.js';

export interface LoopParts extends StepParts {
  readonly metrics: Metrics;
  readonly compile: boolean | CompiledStepOptions;
  readonly schedule: Schedule | undefined;
  readonly checkEvery: number;
  readonly logEvery: number;
  readonly checkpoints: { everySteps: number; everyEpochs: number; keepLast: number };
  readonly rngs: Readonly<Record<string, Rng>>;
  readonly config: JsonObject;
  readonly run: RunDirectory | null;
}

export interface LoopOptions {
  readonly loader: BatchSource;
  readonly epochs: number;
  readonly validation: Batches | undefined;
  readonly signal: StopSignal | undefined;
  readonly callbacks: readonly Callbacks[];
}

/**
 * Moves a position forward, step by step and epoch by epoch. Whenever it stops, for whatever reason,
 * the position says all that is done, on the host: nothing is left on the device.
 */
export class EpochLoop {
  private readonly parts: LoopParts;
  private readonly options: LoopOptions;
  private readonly position: Position;
  private readonly watch: FiniteWatch;
  private readonly trainStep: TrainStep;
  private tested: readonly string[] = [];

  constructor(parts: LoopParts, options: LoopOptions, position: Position) {
    this.parts = parts;
    this.options = options;
    this.position = position;
    this.watch = new FiniteWatch(parts.checkEvery);
    this.trainStep = new TrainStep(parts, parts.compile);
  }

  /** @returns whether all epochs are done; false when the signal ended it. */
  async run(): Promise<boolean> {
    const { epochs, signal, callbacks } = this.options;
    const { position } = this;
    while (position.epoch < epochs) {
      if (signal?.aborted) return false;
      await notify(callbacks, 'onEpochStart', { epoch: position.epoch + 1, step: position.step });
      const totals = new EpochTotals(this.parts.metrics);
      let finished = false;
      try {
        if (position.totals) totals.restore(position.totals);
        finished = (await this.steps(totals)) && (await this.endEpoch(totals));
      } finally {
        // An engine that has failed can be read no more; the exception that tells of it goes first.
        if (!finished && position.batch > 0)
          position.totals = await totals.save().catch(() => null);
        totals.dispose();
        this.watch.clear();
      }
      if (!finished) return false;
    }
    return true;
  }

  /** Frees what is kept from step to step. */
  dispose(): void {
    this.trainStep.dispose();
  }

  /** Writes a checkpoint of the position, in a run that has a directory, unless it is the one written last. */
  async checkpoint(): Promise<void> {
    const { parts, position } = this;
    const { run, model, optimizer, rngs, config } = parts;
    if (!run || position.saved || position.step === 0) return;
    await run.sync();
    const path = await saveCheckpoint(run.checkpoints, {
      model,
      optimizer,
      rngs,
      config,
      loader: this.options.loader,
      step: position.step,
      extra: toExtra(position, run.logLines),
      keepLast: parts.checkpoints.keepLast,
    });
    position.saved = true;
    await notify(this.options.callbacks, 'onCheckpoint', { path, step: position.step });
  }

  /** @returns whether the epoch's batches are all done. */
  private async steps(totals: EpochTotals): Promise<boolean> {
    const { loader, signal } = this.options;
    const { position } = this;
    let from = performance.now();
    for await (const batch of loader.epoch(position.epoch, { from: position.batch })) {
      const result = this.step(totals, batch);
      if (this.watch.isDue) await this.watch.check(this.tested);
      position.seconds += (performance.now() - from) / 1000;
      await this.afterStep(totals, result);
      if (this.watch.isDue) this.watch.clear();
      // Only now has the process a chance to learn of Ctrl-C: values of a CPU arrive without one.
      await nextTask();
      if (signal?.aborted) {
        await this.settle();
        return false;
      }
      from = performance.now();
    }
    await this.settle();
    return true;
  }

  private step(totals: EpochTotals, batch: TrainingBatch): StepResult {
    const { parts, position } = this;
    try {
      checkBatch(batch, 'fit()');
      if (parts.schedule)
        parts.optimizer.learningRate.value = rateAt(parts.schedule, position.step);
      const result = this.trainStep.run(totals, batch);
      position.saved = false;
      position.step++;
      position.batch++;
      position.samples += batch.x.shape[0]!;
      this.tested = result.names;
      this.watch.add(position.step, result.gate, result.loss);
      return result;
    } finally {
      disposeBatch(batch);
    }
  }

  private async afterStep(totals: EpochTotals, { loss }: StepResult): Promise<void> {
    const { parts, position } = this;
    const { step, batch, samples, seconds } = position;
    const learningRate = parts.optimizer.learningRate.value;
    const epoch = position.epoch + 1;
    const readLoss = (): Promise<number> => readScalar(loss);
    if (parts.run && step % parts.logEvery === 0) {
      await parts.run.append({ type: 'step', step, epoch, loss: await readLoss(), learningRate });
    }
    await notify(this.options.callbacks, 'onStepEnd', {
      step,
      epoch,
      batch,
      samples,
      seconds,
      learningRate,
      loss: readLoss,
      metrics: () => totals.values(samples),
    });
    // After the callbacks, so that what they change is in it. An epoch's last step is saved with its end.
    if (
      parts.run &&
      step % parts.checkpoints.everySteps === 0 &&
      batch < this.options.loader.length
    ) {
      await this.settle();
      position.totals = await totals.save();
      await this.checkpoint();
    }
  }

  /** @returns false when the signal ended the validation; the epoch is then still open. */
  private async endEpoch(totals: EpochTotals): Promise<boolean> {
    const { parts, position } = this;
    const { epochs, validation: batches, signal, callbacks } = this.options;
    const { samples, seconds } = position;
    if (samples === 0) {
      throw new ConfigError(
        'fit() needs at least one batch in an epoch. Received: none from the loader.',
      );
    }
    const { loss, ...metrics } = await totals.values(samples);
    let validation: Record<string, number> | undefined;
    try {
      if (batches) validation = await evaluateModel(parts, batches, { signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return false;
      throw error;
    }
    const record: EpochRecord = {
      epoch: position.epoch + 1,
      step: position.step,
      loss: loss!,
      metrics,
      ...(validation ? { validation } : {}),
      learningRate: parts.optimizer.learningRate.value,
      seconds,
      samplesPerSecond: samples / seconds,
    };
    await parts.run?.append({ type: 'epoch', ...record });
    position.epochs.push(record);
    Object.assign(position, { epoch: position.epoch + 1, batch: 0, samples: 0, seconds: 0 });
    Object.assign(position, { totals: null, saved: false });
    await notify(callbacks, 'onEpochEnd', record);
    if (position.epoch % parts.checkpoints.everyEpochs === 0 || position.epoch === epochs) {
      await this.checkpoint();
    }
    return true;
  }

  /** Nothing unchecked is left behind: no checkpoint, and no end of an epoch, follows a step that went wrong. */
  private async settle(): Promise<void> {
    await this.watch.check(this.tested);
    this.watch.clear();
  }
}

function rateAt(schedule: Schedule, step: number): number {
  const rate = schedule(step);
  if (typeof rate === 'number' && rate >= 0 && rate < Infinity) return rate;
  throw new ConfigError(
    `A schedule gives a finite learning rate of at least 0. Received: ${describeValue(rate)} for step ${step}. ` +
      'Does it cover all steps?',
  );
}

async function readScalar(loss: Tensor): Promise<number> {
  if (loss.isDisposed) {
    throw new ConfigError(
      'The loss of a step is read during onStepEnd. Received: a read after it, when its memory is freed. ' +
        'Await loss() in the callback.',
    );
  }
  return Number((await loss.data())[0]);
}
