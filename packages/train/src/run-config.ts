import { activeBackend } from '@stratajs/core';
import type { BatchSource } from './batches.js';
import { usualCheckEvery } from './finite-watch.js';
import type { Json, JsonObject } from './json.js';
import type { TrainerOptions } from './trainer-options.js';

/** What config.json says: the caller's config, and under `trainer` what the trainer knows itself. */
export function runConfig(
  options: TrainerOptions,
  loader: BatchSource,
  epochs: number,
): JsonObject {
  const {
    optimizer,
    metrics = {},
    checkEvery = usualCheckEvery(),
    logEvery = 50,
    seed = null,
  } = options;
  const engine = activeBackend();
  return {
    ...options.config,
    trainer: {
      epochs,
      batchesPerEpoch: loader.length,
      optimizer: optimizer.state() as unknown as Json,
      metrics: Object.keys(metrics),
      checkEvery,
      logEvery,
      seed,
      engine: engine && {
        name: engine.name,
        tier: engine.info.tier,
        description: engine.info.description,
      },
    },
  };
}
