/** Strata's vision models, as a family for `register()` and as classes. */
import { type ModelFamily, PLUGIN_SPEC } from '@stratajs/core';
import { lenet5 } from './lenet5.js';
import { mlp } from './mlp.js';
import { resnet20 } from './resnet20.js';

export { LeNet5, type LeNet5Options } from './lenet5.js';
export { Mlp, type MlpOptions } from './mlp.js';
export { BasicBlock, ResNet20, type ResNet20Options } from './resnet20.js';

/** `register(vision)`, then `createModel('lenet5')`. */
export const vision: ModelFamily = {
  spec: PLUGIN_SPEC,
  name: 'vision',
  kind: 'models',
  models: { mlp, lenet5, resnet20 },
};
