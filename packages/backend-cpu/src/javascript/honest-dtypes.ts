import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataCpuBackend } from '../backend.js';

/**
 * One of tfjs's kernels that store a result in an array of another dtype than they say, so that a read
 * gives the wrong kind of array: Cast lets a float32 tensor share the Int32Array of an int32 one, and
 * MaxPoolWithArgmax keeps its indices as it keeps its values.
 */
export function honestDtypes(tfjs: KernelFunc): KernelFunc {
  return (args) => {
    const backend = args.backend as StrataCpuBackend;
    const honest = (result: TensorInfo): TensorInfo => {
      const { dtype, values } = backend.data.get(result.dataId);
      if (dtype === result.dtype) return result;
      // Storing converts.
      const stored = backend.makeTensorInfo(result.shape, result.dtype, values);
      backend.disposeIntermediateTensorInfo(result);
      return stored;
    };
    const results = tfjs(args);
    return Array.isArray(results) ? results.map(honest) : honest(results as TensorInfo);
  };
}
