import { ConfigError, describeValue, Parameter } from '@stratajs/core';
import type { Json, JsonObject } from '../json.js';
import type { Checkpoint, CheckpointParts, Extra } from './checkpoint.js';
import { readStates } from './host-tensor.js';
import { randomState } from './random-state.js';

export interface CaptureOptions extends CheckpointParts {
  /** Steps done; names the checkpoint. */
  readonly step: number;
  /** What builds the parts anew, for example `{ model: { id, options } }`. Default {}. */
  readonly config?: JsonObject;
  /** Anything else that training needs to go on: JSON, and tensors on the host. */
  readonly extra?: Partial<Extra>;
}

/**
 * A checkpoint in memory: where model, optimizer, loader and generators stand at this moment, on the host.
 *
 *     const before = await captureCheckpoint({ model, optimizer, loader, step });
 *     restoreCheckpoint(before, { model, optimizer, loader });
 *
 * @throws ConfigError for a bad step.
 */
export async function captureCheckpoint(options: CaptureOptions): Promise<Checkpoint> {
  const { model, optimizer, loader, step, config = {}, extra } = options;
  checkAtLeast(0, step, 'The step of a checkpoint');
  // Everything is taken down at one moment, before the first wait.
  const state = {
    path: 'in memory',
    step,
    config,
    layouts: layouts(model),
    loader: (loader?.state() ?? null) as Json,
    random: randomState(options),
    extra: { json: extra?.json ?? {}, tensors: extra?.tensors ?? {} },
  };
  const optimizerState = (optimizer?.state() ?? null) as Json;
  const [weights, slots] = await Promise.all([
    readStates(model.namedStates()),
    readStates(optimizer?.namedStates() ?? []),
  ]);
  return {
    ...state,
    model: weights,
    optimizer: optimizerState === null ? null : { slots, state: optimizerState },
  };
}

export function checkAtLeast(least: number, value: number, what: string): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(
    `${what} is an integer of at least ${least}. Received: ${describeValue(value)}.`,
  );
}

function layouts(model: CheckpointParts['model']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, state] of model.namedStates()) {
    if (state instanceof Parameter) result[name] = state.layout;
  }
  return result;
}
