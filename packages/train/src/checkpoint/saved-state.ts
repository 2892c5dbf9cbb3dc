/** What a checkpoint's files have in common, however many they are: its JSON, and the tensors beside the model's. */
import type { Json, JsonObject } from '../json.js';
import type { Checkpoint, RandomState } from './checkpoint.js';
import type { HostTensors } from './host-tensor.js';

export interface SavedState {
  readonly step: number;
  readonly config: JsonObject;
  readonly optimizer: Json;
  readonly loader: Json;
  readonly random: RandomState;
  readonly extra: JsonObject;
}

const OPTIMIZER = 'optimizer/';
const EXTRA = 'extra/';

export function stateOf({
  step,
  config,
  optimizer,
  loader,
  random,
  extra,
}: Checkpoint): SavedState {
  return { step, config, optimizer: optimizer?.state ?? null, loader, random, extra: extra.json };
}

export function trainingTensors({ optimizer, extra }: Checkpoint): HostTensors {
  return { ...prefixed(OPTIMIZER, optimizer?.slots ?? {}), ...prefixed(EXTRA, extra.tensors) };
}

/** Whether a tensor of this name is one of `trainingTensors()`. */
export function isTrainingTensor(name: string): boolean {
  return name.startsWith(OPTIMIZER) || name.startsWith(EXTRA);
}

/** The checkpoint that was taken apart so. */
export function checkpointOf(
  path: string,
  state: SavedState,
  model: HostTensors,
  layouts: Readonly<Record<string, string>>,
  training: HostTensors,
): Checkpoint {
  return {
    path,
    step: state.step,
    config: state.config,
    model,
    layouts,
    optimizer:
      state.optimizer === null
        ? null
        : { slots: withPrefix(OPTIMIZER, training), state: state.optimizer },
    loader: state.loader,
    random: state.random,
    extra: { json: state.extra, tensors: withPrefix(EXTRA, training) },
  };
}

function prefixed(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [prefix + name, t]));
}

function withPrefix(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, t]) => [name.slice(prefix.length), t]),
  );
}
