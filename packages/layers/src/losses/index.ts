/** Losses: functions (prediction, target, options) → Tensor, with gradients. */
export { binaryCrossEntropy } from './binary-cross-entropy.js';
export { crossEntropy, type CrossEntropyOptions } from './cross-entropy.js';
export { hinge } from './hinge.js';
export { huber, type HuberOptions } from './huber.js';
export { klDivergence } from './kl-divergence.js';
export { meanAbsoluteError } from './mean-absolute-error.js';
export { meanSquaredError } from './mean-squared-error.js';
export { negativeLogLikelihood } from './negative-log-likelihood.js';
export type { LossOptions, Reduction } from './reduction.js';
