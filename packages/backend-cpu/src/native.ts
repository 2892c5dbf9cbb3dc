import type { NumericArray } from './storage/data-table.js';

/** What a native kernel takes: arrays, numbers, and null for an array that is left out. */
export type NativeArgument = NumericArray | number | null;

/** Computes into the arrays it was given. Throws an Error with a `code` when arguments are wrong. */
export type NativeFunction = (...args: NativeArgument[]) => void;

/** The kernels of native/kernels; each file there says what its kernels take. */
export const NATIVE_FUNCTIONS = [
  'abs',
  'negate',
  'sign',
  'square',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'floor',
  'ceil',
  'round',
  'exp',
  'expm1',
  'log',
  'log1p',
  'erf',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'softplus',
  'relu',
  'relu6',
  'elu',
  'selu',
  'leakyRelu',
  'step',
  'clip',
  'eluGradient',
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'squaredDifference',
  'prelu',
  'power',
  'addN',
  'addInts',
  'subtractInts',
  'multiplyInts',
  'maximumInts',
  'minimumInts',
  'equal',
  'notEqual',
  'greater',
  'greaterEqual',
  'less',
  'lessEqual',
  'logicalAnd',
  'logicalOr',
  'logicalNot',
  'isNaN',
  'isInf',
  'isFinite',
  'select',
  'cast',
  'sum',
  'mean',
  'product',
  'max',
  'min',
  'argMax',
  'argMin',
  'softmax',
  'topK',
  'sort',
  'normalize',
  'normalizeGradient',
  'stridedCopy',
  'gather',
  'gatherNd',
  'segmentSum',
  'scatterAdd',
  'scatterUpdate',
  'oneHot',
  'matmul',
  'conv2d',
  'conv2dBackpropInput',
  'conv2dBackpropFilter',
  'im2col',
  'col2im',
  'winogradConv2d',
  'winogradConv2dBackpropInput',
  'winogradConv2dBackpropFilter',
  'depthwiseConv2d',
  'depthwiseConv2dBackpropInput',
  'depthwiseConv2dBackpropFilter',
  'resizeBilinear',
  'resizeNearest',
  'resizeGradient',
  'maxPool',
  'maxPoolGrad',
  'avgPool',
  'avgPoolGrad',
  'softmaxCrossEntropy',
  'softmaxCrossEntropyGradient',
  'randomUniform',
  'randomInt',
  'randomNormal',
  'dropout',
  'firstNonFinite',
  'sgdUpdate',
  'adamUpdate',
] as const;

export type NativeKernels = Readonly<Record<(typeof NATIVE_FUNCTIONS)[number], NativeFunction>>;

/** The native addon: native/addon.cc. */
export interface Addon {
  /** Instruction sets that this processor runs, the best first. */
  supported(): string[];
  kernels(isa: string): NativeKernels;
  /** 64-byte aligned memory of undefined content. Throws where there is none. */
  allocate(bytes: number): ArrayBuffer;
  /** For the whole process. */
  setThreads(count: number): void;
  threads(): number;
}
