/** Strata's core: tensors, automatic differentiation, state, random numbers and the plugin interface. */
export * from './errors.js';
export type { DType, NestedArray, Shape, Tensor, TensorData, TensorLike } from './tensor.js';
export { assertTensor, describe as describeValue, isTensor } from './engine.js';
export { watchLeaks } from './leak-watch.js';
export { dispose, keep, type Memory, memory, tidy } from './memory.js';
export * from './create.js';
export * from './ops/index.js';
export { grad, type NamedGradients, valueAndGrad, valueAndVjp, vjp } from './autodiff/gradients.js';
export {
  customGrad,
  type CustomGradFunction,
  type CustomGradResult,
} from './autodiff/custom-grad.js';
export { noGrad, stopGradient } from './autodiff/tape.js';
export { assign, State } from './state/state.js';
export { Parameter, type ParameterLayout, type ParameterOptions } from './state/parameter.js';
export { Scalar, scalarValue } from './state/scalar.js';
export { compile, type Compiled, type CompileOptions } from './compile/compile.js';
export type { Explanation } from './compile/explain.js';
export { lastUses, readsOf } from './compile/program.js';
export { guard, isCompiling, recordedAt } from './compile/recording.js';
export * from './extension/index.js';
export * from './random/index.js';
export * from './safetensors/index.js';
export type { ModuleLike } from './module-like.js';
export * from './plugin.js';
export { activeBackend, checkPlugin, closeBackends, type Used, use } from './use.js';
export { createModel, listModels, modelEntry, type ModelListing, register } from './registry.js';
export { nearest } from './nearest.js';
