/** Learning rates over the steps of a run: each makes a function step → rate. */
export { constant } from './constant.js';
export { cosine, type CosineOptions } from './cosine.js';
export { exponential, type ExponentialOptions } from './exponential.js';
export { oneCycle, type OneCycleOptions } from './one-cycle.js';
export type { Schedule } from './schedule.js';
export { step, type StepOptions } from './step.js';
export { warmup, type WarmupOptions } from './warmup.js';
