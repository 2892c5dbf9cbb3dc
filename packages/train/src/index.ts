/** Strata's trainer: fitting, evaluating and predicting; metrics, callbacks, checkpoints, runs on disk. */
export { type FitOptions, Trainer } from './trainer.js';
export type { CheckpointOptions, TrainerOptions } from './trainer-options.js';
export type { EvaluateOptions } from './evaluate.js';
export type { CompiledStepOptions, Loss, TransformGradients } from './train-step.js';
export type { Batches, BatchSource, TrainingBatch } from './batches.js';
export type { Callbacks, CheckpointWritten, EpochStart, FitStart, StepEnd } from './callbacks.js';
export type { EpochRecord, History } from './history.js';
export { NonFiniteError } from './finite-watch.js';
export * as metrics from './metrics/index.js';
export type { Metric, MetricTotals } from './metrics/metric.js';
export type { Metrics } from './epoch-totals.js';
export type { StopSignal } from './stop-signal.js';
export type { Json, JsonObject } from './json.js';
export { type CheckpointName, listCheckpoints } from './checkpoint/names.js';
export { latestCheckpoint, readCheckpoint } from './checkpoint/read.js';
export { captureCheckpoint, type CaptureOptions } from './checkpoint/capture.js';
export { loadCheckpoint, type LoadOptions, restoreCheckpoint } from './checkpoint/load.js';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint/one-file.js';
export { saveCheckpoint, type SaveOptions } from './checkpoint/save.js';
export type {
  Checkpoint,
  CheckpointParts,
  Extra,
  RandomState,
  SavedModel,
  SavedOptimizer,
  SavedPosition,
} from './checkpoint/checkpoint.js';
export type { HostTensor, HostTensors } from './checkpoint/host-tensor.js';
