import { getKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

/** tfjs's MaxPoolWithArgmax gives its indices as float32. Here they are int32, as on every engine. */
export function int32Indices(original: KernelFunc, engine: string): KernelFunc {
  return (args) => {
    const [values, found] = original(args) as [TensorInfo, TensorInfo];
    const { kernelFunc: cast } = getKernel('Cast', engine);
    const { backend } = args;
    const attrs = { dtype: 'int32' };
    const indices = cast({ inputs: { x: found }, attrs, backend } as never) as TensorInfo;
    (backend as { disposeData(dataId: object): boolean }).disposeData(found.dataId);
    return [values, indices];
  };
}
