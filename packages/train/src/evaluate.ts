import {
  ConfigError,
  describeValue,
  isTensor,
  type ModuleLike,
  noGrad,
  ShapeError,
  stopGradient,
  type Tensor,
  tidy,
} from '@stratajs/core';
import { nextTask } from '#platform';
import { type Batches, eachBatch } from './batches.js';
import { EpochTotals, type Metrics } from './epoch-totals.js';
import { type StopSignal, throwIfStopped } from './stop-signal.js';
import { forward, type Loss } from './train-step.js';
import { rememberMode } from './training-mode.js';

export interface EvaluateOptions {
  /** An AbortSignal. Ends it after the batch in hand: the promise rejects with the signal's reason. */
  readonly signal?: StopSignal | undefined;
}

/** Mean loss and metrics over all batches, in evaluation mode; the mode from before is put back. */
export async function evaluateModel(
  { model, loss, metrics }: { model: ModuleLike; loss: Loss; metrics: Metrics },
  batches: Batches,
  { signal }: EvaluateOptions,
): Promise<Record<string, number>> {
  const putBack = rememberMode(model);
  const totals = new EpochTotals(metrics);
  let samples = 0;
  try {
    model.eval();
    for await (const { x, y } of eachBatch(batches, 'evaluate()')) {
      await nextTask();
      throwIfStopped(signal);
      tidy(() =>
        noGrad(() => {
          const output = forward(model, x);
          const mean = scalarLoss(loss(output, y));
          totals.commit(totals.after(totals.current(), mean, output, y, x.shape[0]!));
        }),
      );
      samples += x.shape[0]!;
    }
    if (samples === 0) {
      throw new ConfigError(
        'evaluate() needs at least one batch. Received: none. Is the generator used up?',
      );
    }
    return await totals.values(samples);
  } finally {
    totals.dispose();
    putBack();
  }
}

/** The model's output for each input, in evaluation mode and without gradients. */
export async function predictWith(
  model: ModuleLike,
  inputs: Tensor | Batches,
): Promise<Tensor | Tensor[]> {
  const putBack = rememberMode(model);
  const outputs: Tensor[] = [];
  // A tensor of its own, also where forward gives back its input.
  const run = (x: Tensor): Tensor => tidy(() => noGrad(() => stopGradient(forward(model, x))));
  try {
    model.eval();
    if (isTensor(inputs)) return run(inputs);
    for await (const { x } of eachBatch(inputs, 'predict()')) outputs.push(run(x));
    return outputs;
  } catch (error) {
    for (const output of outputs) output.dispose();
    throw error;
  } finally {
    putBack();
  }
}

/** Where gradients are taken, core checks this itself. */
function scalarLoss(loss: unknown): Tensor {
  if (isTensor(loss) && loss.rank === 0) return loss;
  throw new ShapeError(
    `A loss is a scalar. Received: ${describeValue(loss)}. Reduce it with mean() or sum().`,
  );
}
