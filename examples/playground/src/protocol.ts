/** What the page and the worker say to each other; the calls themselves go through Comlink. */

export type EngineId = 'webgpu' | 'webgl' | 'wasm';
export type ModelId = 'mlp' | 'lenet5' | 'resnet20';
export type DataId = 'digits' | 'mnist';
export type OptimizerId = 'adam' | 'sgd';

export interface Settings {
  readonly engine: EngineId;
  readonly model: ModelId;
  readonly data: DataId;
  readonly optimizer: OptimizerId;
  readonly learningRate: number;
  readonly batchSize: number;
}

export const DEFAULTS: Settings = {
  engine: 'webgl',
  model: 'mlp',
  data: 'digits',
  optimizer: 'adam',
  learningRate: 0.002,
  batchSize: 64,
};

/** Something to choose from, and why it cannot be chosen here. */
export interface Choice<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly whyNot: string | null;
}

export interface Opened {
  readonly settings: Settings;
  /** The machine that computes, in the engine's words. */
  readonly device: string;
  readonly step: number;
  readonly parameters: number;
}

/** Means over the steps since the last report. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly stepsPerSecond: number;
  readonly tensors: number;
  readonly bytes: number;
}

/** Of the held-out images. */
export interface Evaluation {
  readonly step: number;
  readonly accuracy: number;
  /** `confusion[label][guess]`: how many. */
  readonly confusion: readonly (readonly number[])[];
}

/** What the first layer looks for: tiles of values, row by row. */
export interface Filters {
  readonly size: number;
  readonly tiles: readonly Float32Array[];
}

export type Status = 'preparing' | 'ready' | 'training' | 'paused' | 'lost' | 'failed';

export interface Listener {
  /** @param message what went wrong, where something did. */
  status(status: Status, message: string): void;
  /** What is waited for, '' when it is there. */
  waiting(what: string): void;
  progress(progress: Progress): void;
  evaluation(evaluation: Evaluation): void;
  filters(filters: Filters): void;
}
