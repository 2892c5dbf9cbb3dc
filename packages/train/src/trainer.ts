import {
  activeBackend,
  CheckpointError,
  ConfigError,
  describeValue,
  seed,
  type Tensor,
} from '@stratajs/core';
import { createProgress, files } from '#platform';
import { type Batches, type BatchSource, isBatchSource } from './batches.js';
import { type Callbacks, notify } from './callbacks.js';
import { restoreCheckpoint } from './checkpoint/load.js';
import { listCheckpoints, retireOld, supersedeNewer } from './checkpoint/names.js';
import { readCheckpoint } from './checkpoint/read.js';
import { EpochLoop, type LoopParts } from './epoch-loop.js';
import { EpochTotals } from './epoch-totals.js';
import { evaluateModel, type EvaluateOptions, predictWith } from './evaluate.js';
import { usualCheckEvery } from './finite-watch.js';
import type { History } from './history.js';
import { fromExtra, type Position, start } from './position.js';
import { RunDirectory } from './run-directory.js';
import { runConfig } from './run-config.js';
import type { StopSignal } from './stop-signal.js';
import { checkKnown, checkTrainerOptions, type TrainerOptions } from './trainer-options.js';
import { rememberMode } from './training-mode.js';

export interface FitOptions {
  /** How many epochs training will have done in all, those before a resume included. */
  readonly epochs: number;
  /** Evaluated at the end of each epoch. Default none. */
  readonly validation?: Batches;
  /** An AbortSignal. Ends training after the step in hand; a checkpoint is written, and nothing thrown. */
  readonly signal?: StopSignal;
  /**
   * Go on from a checkpoint: true for the newest of `runDir`, or from the start when there is none yet;
   * or the path of one. Default false.
   */
  readonly resume?: boolean | string;
  /**
   * Whether a run may go on with another engine than it was saved with: its weights are the same, the bits of its next steps need
   * not be. Default false.
   */
  readonly otherEngine?: boolean;
}

/**
 * Trains a model, evaluates it, predicts with it.
 *
 *     const trainer = new Trainer({
 *       model, optimizer, loss: losses.crossEntropy,
 *       metrics: { accuracy: metrics.accuracy() }, runDir: 'runs/first',
 *     });
 *     const history = await trainer.fit(loader, { epochs: 2, validation });
 *
 * A trainer knows where training stands: a second `fit()` goes on from there, up to its `epochs`. With
 * a run directory another process goes on, by `{ resume: true }`, to the same weights, bit for bit,
 * that an uninterrupted run reaches, provided that all it draws from is in the checkpoint: the model's
 * generators, the default one, the loader's, and those in `rngs`.
 *
 * @throws ConfigError for an option that is unknown or not what it must be.
 */
export class Trainer {
  private readonly options: TrainerOptions;
  private readonly parts: Omit<LoopParts, 'checkEvery'>;
  private position: Position = start();
  /** Whether a fit of this trainer has taken up the run directory. */
  private begun = false;
  private fitting = false;

  constructor(options: TrainerOptions) {
    checkTrainerOptions(options);
    const { metrics = {}, checkpoints = {}, config = {}, rngs = {}, runDir } = options;
    this.options = options;
    this.parts = {
      model: options.model,
      optimizer: options.optimizer,
      loss: options.loss,
      transformGradients: options.transformGradients,
      metrics,
      compile: options.compile ?? true,
      schedule: options.schedule,
      logEvery: options.logEvery ?? 50,
      checkpoints: {
        everySteps: checkpoints.everySteps ?? Infinity,
        everyEpochs: checkpoints.everyEpochs ?? 1,
        keepLast: checkpoints.keepLast ?? 3,
      },
      rngs,
      config,
      run: runDir === undefined ? null : new RunDirectory(runDir),
    };
  }

  /** Steps done. */
  get step(): number {
    return this.position.step;
  }

  /** Epochs done. */
  get epoch(): number {
    return this.position.epoch;
  }

  /**
   * Trains until `epochs` epochs are done or `signal` says stop. The model is in training mode
   * meanwhile; the mode from before is put back.
   *
   * @throws NonFiniteError within `checkEvery` steps of a loss or gradient that is not finite; no
   *   weight has changed by it.
   * @throws CheckpointError when resuming from a damaged checkpoint, or one that does not fit.
   * @throws ConfigError when `runDir` holds another run's checkpoints, another engine saved what is resumed, or this trainer is
   *   fitting already.
   */
  async fit(loader: BatchSource, options: FitOptions): Promise<History> {
    checkFit(loader, options, this.parts.run !== null);
    if (this.fitting) {
      throw new ConfigError(
        'A trainer fits once at a time. Received: fit() during fit(). Await the first.',
      );
    }
    const { model } = this.parts;
    const { epochs, validation, signal } = options;
    const putBack = rememberMode(model);
    this.fitting = true;
    const callbacks: Callbacks[] = [this.options.callbacks ?? []].flat();
    if (this.options.progress ?? true) callbacks.push(createProgress());
    try {
      const resumedFrom = await this.begin(loader, options);
      await notify(callbacks, 'onFitStart', {
        epochs,
        epochsDone: this.position.epoch,
        step: this.position.step,
        batchesPerEpoch: loader.length,
        resumedFrom,
      });
      model.train();
      const loop = new EpochLoop(
        { ...this.parts, checkEvery: this.options.checkEvery ?? usualCheckEvery() },
        { loader, epochs, validation, signal, callbacks },
        this.position,
      );
      const finished = await loop.run().finally(() => loop.dispose());
      if (!finished) await loop.checkpoint();
      const history = await this.history(finished, epochs);
      await notify(callbacks, 'onFitEnd', history);
      return history;
    } catch (error) {
      // The exception that ended training is the one to tell of.
      await notify(callbacks, 'onFitFailed', error).catch(() => {});
      throw error;
    } finally {
      putBack();
      this.fitting = false;
    }
  }

  /**
   * Mean loss and metrics over batches, in evaluation mode and without gradients: `{ loss, … }`. Of a
   * loader, its epoch 0.
   */
  evaluate(batches: Batches, options: EvaluateOptions = {}): Promise<Record<string, number>> {
    return evaluateModel(this.parts, batches, options);
  }

  /**
   * The model's output for an input, or a list of outputs, one for each batch, in evaluation mode and
   * without gradients. The caller disposes them.
   */
  predict(inputs: Tensor): Promise<Tensor>;
  predict(inputs: Batches): Promise<Tensor[]>;
  predict(inputs: Tensor | Batches): Promise<Tensor | Tensor[]> {
    return predictWith(this.parts.model, inputs);
  }

  /** Takes up the run: from a checkpoint, or as it stands. Returns the checkpoint's path. */
  private async begin(
    loader: BatchSource,
    { epochs, resume = false, otherEngine = false }: FitOptions,
  ): Promise<string | null> {
    const { run, model, optimizer, rngs } = this.parts;
    const path = await this.resumePath(resume);
    const checkpoint = path === null ? null : await readCheckpoint(path);
    const inRun = run !== null && path !== null && isIn(run.checkpoints, path);
    if (!inRun && !this.begun) await run?.refuseOccupied();
    let logLines = this.begun ? (run?.logLines ?? 0) : 0;
    if (checkpoint) {
      const resumed = fromExtra(checkpoint);
      this.checkTotals(checkpoint.path, resumed.position);
      if (!otherEngine) checkEngine(checkpoint.path, resumed.engine);
      restoreCheckpoint(checkpoint, { model, optimizer, loader, rngs, random: true });
      this.position = resumed.position;
      if (inRun) {
        await supersedeNewer(path);
        // A process that was killed may have left more than are kept.
        if (resume === true) await retireOld(run.checkpoints, this.parts.checkpoints.keepLast);
        this.position.saved = true;
        logLines = resumed.logLines;
      }
    } else if (!this.begun && this.options.seed !== undefined) {
      seed(this.options.seed);
    }
    await run?.open(runConfig(this.options, loader, epochs), logLines, !this.begun && !inRun);
    this.begun = true;
    return path;
  }

  private async resumePath(resume: boolean | string): Promise<string | null> {
    if (resume === false) return null;
    const { run } = this.parts;
    if (resume === true) return (await listCheckpoints(run!.checkpoints)).at(-1)?.path ?? null;
    // A run directory will do as well.
    return (await listCheckpoints(files.join(resume, 'checkpoints'))).at(-1)?.path ?? resume;
  }

  private checkTotals(path: string, { totals: saved }: Position): void {
    if (!saved) return;
    const totals = new EpochTotals(this.parts.metrics);
    const faults = totals.misfits(saved);
    totals.dispose();
    if (faults.length === 0) return;
    throw new CheckpointError(
      `A run is resumed in the middle of an epoch with the metrics it was started with. Received: ${path}, where\n  ` +
        `${faults.join('\n  ')}\nNothing was loaded. Give the trainer the same metrics.`,
    );
  }

  private async history(finished: boolean, epochs: number): Promise<History> {
    const { position, parts } = this;
    const { run } = parts;
    const checkpoint = run ? ((await listCheckpoints(run.checkpoints)).at(-1)?.path ?? null) : null;
    const goOn = `fit(loader, { epochs: ${epochs}${run ? ', resume: true' : ''} })`;
    const from = checkpoint
      ? `from ${checkpoint}`
      : 'in this program: nothing was written, as there is no checkpoint';
    return {
      epochs: [...position.epochs],
      step: position.step,
      seconds: position.epochs.reduce((sum, { seconds }) => sum + seconds, position.seconds),
      interrupted: !finished,
      checkpoint,
      howToResume: finished
        ? null
        : `Interrupted after step ${position.step}. ${goOn} goes on ${from}.`,
    };
  }
}

function isIn(directory: string, path: string): boolean {
  return files.absolute(files.parent(files.absolute(path))) === files.absolute(directory);
}

/** Weights fit every engine, and roundings do not: that a run goes on elsewhere is asked for. */
function checkEngine(path: string, saved: string | null): void {
  const active = activeBackend()?.name ?? null;
  if (saved === null || saved === active) return;
  throw new ConfigError(
    `A run goes on with the engine that it was saved with. Received: ${path} of '${saved}', where '${active}' is active. ` +
      'use() that one, or pass { otherEngine: true } to fit().',
  );
}

function checkFit(loader: BatchSource, options: FitOptions, hasRun: boolean): void {
  if (!isBatchSource(loader)) {
    throw new ConfigError(
      `fit() trains on a Loader: { length, epoch(), state(), restore() }. Received: ${describeValue(loader)}. ` +
        'new Loader(dataset, { batchSize }) of @stratajs/data makes one.',
    );
  }
  checkKnown('fit()', options, ['epochs', 'validation', 'signal', 'resume', 'otherEngine']);
  const { epochs, signal, resume = false } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new ConfigError(
      `The epochs of fit() are an integer of at least 1. Received: ${describeValue(epochs)}.`,
    );
  }
  if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
    throw new ConfigError(
      `The signal of fit() is an AbortSignal. Received: ${describeValue(signal)}. Pass controller.signal.`,
    );
  }
  if (typeof resume !== 'boolean' && (typeof resume !== 'string' || resume === '')) {
    throw new ConfigError(
      `The resume of fit() is true, false or the path of a checkpoint. Received: ${describeValue(resume)}.`,
    );
  }
  if (resume === true && !hasRun) {
    throw new ConfigError(
      'fit() with { resume: true } needs a run directory. Received: a Trainer without runDir. Give it one, or the ' +
        'path of a checkpoint as resume.',
    );
  }
}
