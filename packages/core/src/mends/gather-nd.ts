import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

interface CountingBackend {
  refCount(dataId: object): number;
  disposeData(dataId: object): boolean;
}

/**
 * tfjs's GatherNd reshapes its inputs, and where the host computes the result (small tensors that
 * are not on the GPU yet) it never frees those reshapes. Here the references are put back.
 */
export function gatherNdWithoutLeak(original: KernelFunc): KernelFunc {
  return (args) => {
    const backend = args.backend as CountingBackend;
    const ids = (Object.values(args.inputs) as TensorInfo[]).map(({ dataId }) => dataId);
    const counts = ids.map((id) => backend.refCount(id));
    const result = original(args);
    ids.forEach((id, i) => {
      while (backend.refCount(id) > counts[i]!) backend.disposeData(id);
    });
    return result;
  };
}
