/** What tfjs's WebGPU engine has no kernel for, each with the reason. None of it is needed to train. */
export const gaps: Readonly<Record<string, string>> = {
  BitwiseAnd: 'tfjs has no WebGPU kernel for it; nothing in Strata needs it.',
  NonMaxSuppressionV4: 'tfjs has no WebGPU kernel for it; V3 and V5 are there.',
  RaggedGather: 'tfjs has no WebGPU kernels for ragged tensors.',
  RaggedRange: 'tfjs has no WebGPU kernels for ragged tensors.',
  RaggedTensorToTensor: 'tfjs has no WebGPU kernels for ragged tensors.',
  SparseFillEmptyRows: 'tfjs has no WebGPU kernel for it; nothing in Strata needs it.',
  SparseReshape: 'tfjs has no WebGPU kernel for it; nothing in Strata needs it.',
  StaticRegexReplace: 'A GPU computes no strings.',
  StringSplit: 'A GPU computes no strings.',
  StringToHashBucketFast: 'A GPU computes no strings.',
  Unique: 'tfjs has no WebGPU kernel for it: how many values there are is known on the GPU alone.',
};
