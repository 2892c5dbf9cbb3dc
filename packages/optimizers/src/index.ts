/** Strata's optimizers: update rules, learning-rate schedules, clipping of gradients. */
export type { Optimizer, OptimizerState, Parameters, StepOptions } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
export { Adam, type AdamOptions } from './adam.js';
export { AdamW } from './adam-w.js';
export { clipByGlobalNorm, clipByValue } from './clip.js';
export * as schedules from './schedules/index.js';
export type { Schedule } from './schedules/schedule.js';
