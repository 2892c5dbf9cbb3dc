import type { Rng, RngState, State } from '@stratajs/core';
import type { Json, JsonObject } from '../json.js';
import type { HostTensors } from './host-tensor.js';

/** A model, as far as checkpoints go: any `ModuleLike`. */
export interface SavedModel {
  namedStates(): Iterable<readonly [string, State]>;
  /** The generators that its layers draw from; a `Module` of the layers package has this. */
  namedRngs?(): Iterable<readonly [string, Rng]>;
}

/** An optimizer, as far as checkpoints go. */
export interface SavedOptimizer {
  namedStates(): Iterable<readonly [string, State]>;
  state(): unknown;
  restore(state: never): void;
}

/** Anything with a position, such as a loader. */
export interface SavedPosition {
  state(): unknown;
  restore(state: never): void;
}

/** What a checkpoint is made from, and what one is put back into. */
export interface CheckpointParts {
  readonly model: SavedModel;
  readonly optimizer?: SavedOptimizer | undefined;
  readonly loader?: SavedPosition | undefined;
  /** Generators beyond the model's own and the default one, by name. */
  readonly rngs?: Readonly<Record<string, Rng>> | undefined;
}

/** A checkpoint as read: whole and undamaged, not yet put back into anything. */
export interface Checkpoint {
  /** Where it was read from, for messages. */
  readonly path: string;
  /** Steps done when it was written. */
  readonly step: number;
  /** What builds the parts anew, as it was given when saving. */
  readonly config: JsonObject;
  readonly model: HostTensors;
  /** How the axes of each parameter lie, for programs that lay them out otherwise. */
  readonly layouts: Readonly<Record<string, string>>;
  /** null when it was saved without one. */
  readonly optimizer: { readonly slots: HostTensors; readonly state: Json } | null;
  readonly loader: Json;
  readonly random: RandomState;
  /** What was saved beside these, under `extra`. */
  readonly extra: Extra;
}

export interface Extra {
  readonly json: JsonObject;
  readonly tensors: HostTensors;
}

export interface RandomState {
  readonly default: RngState;
  /** By the path of the generator in the model. */
  readonly model: Readonly<Record<string, RngState>>;
  readonly others: Readonly<Record<string, RngState>>;
}
