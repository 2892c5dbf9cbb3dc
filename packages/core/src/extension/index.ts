export { adamUpdate, type AdamUpdate } from './adam-update.js';
export { dropout } from './dropout.js';
export { firstNonFinite } from './first-non-finite.js';
export { extensionKernels } from './install.js';
export { sgdUpdate, type SgdUpdate } from './sgd-update.js';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './softmax-cross-entropy.js';
