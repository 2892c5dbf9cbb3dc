import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataCpuBackend } from '../backend.js';

/**
 * tfjs's Cast, but for its shortcut: it lets a float32 tensor share the Int32Array of an int32 one, and
 * a read of it then gives an Int32Array.
 */
export function honestCast(tfjs: KernelFunc): KernelFunc {
  return (args) => {
    const result = tfjs(args) as TensorInfo;
    const backend = args.backend as StrataCpuBackend;
    const { dtype, values } = backend.data.get(result.dataId);
    if (dtype === result.dtype) return result;
    // Storing converts.
    const stored = backend.makeTensorInfo(result.shape, result.dtype, values);
    backend.disposeIntermediateTensorInfo(result);
    return stored;
  };
}
