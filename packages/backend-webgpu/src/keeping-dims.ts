import { backend_util, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';

/** tfjs's Prod forgets `keepDims`. The shape alone is wrong. */
export function keepingDims(original: KernelFunc): KernelFunc {
  return (call) => {
    const product = original(call) as TensorInfo;
    const { axis, keepDims } = call.attrs as unknown as {
      axis: number | number[];
      keepDims: boolean;
    };
    if (!keepDims) return product;
    const { shape } = (call.inputs as { x: TensorInfo }).x;
    const [rest] = backend_util.computeOutAndReduceShapes(shape, util.parseAxisParam(axis, shape));
    return {
      ...product,
      shape: backend_util.expandShapeToKeepDim(rest, util.parseAxisParam(axis, shape)),
    };
  };
}
