/** Operations on tensors. */
export * from './activation.js';
export * from './binary.js';
export * from './cast.js';
export * from './compare.js';
export * from './conv1d.js';
export { conv2d, type Conv2dOptions } from './conv2d.js';
export * from './conv3d.js';
export type { ConvolutionAlgorithm } from './convolution-algorithm.js';
export * from './conv-transpose2d.js';
export * from './cumsum.js';
export * from './depth-to-space.js';
export * from './depthwise-conv2d.js';
export * from './einsum.js';
export * from './gather.js';
export * from './join.js';
export * from './matmul.js';
export type { Operand } from './operand.js';
export * from './one-hot.js';
export * from './pad.js';
export {
  avgPool2d,
  maxPool2d,
  maxPool2dWithIndices,
  type Pool2dOptions,
  type PooledMaxima,
} from './pool.js';
export type { Padding } from './padding.js';
export * from './reduce.js';
export * from './resize.js';
export * from './search.js';
export * from './shape.js';
export * from './slice.js';
export * from './softmax.js';
export {
  abs,
  acos,
  acosh,
  addN,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  clip,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  neg,
  reciprocal,
  round,
  rsqrt,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  tan,
} from './unary.js';
export * from './where.js';
