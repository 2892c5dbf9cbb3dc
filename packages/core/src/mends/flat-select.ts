import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

/** As many axes as Select has in every engine of tfjs's. */
const MOST_AXES = 4;

/** Chooses element by element, so that the axes do not matter where all three tensors have them. */
export function flatSelect(original: KernelFunc): KernelFunc {
  return (call) => {
    const { condition, t, e } = call.inputs as Record<'condition' | 't' | 'e', TensorInfo>;
    const { shape } = t;
    if (shape.length <= MOST_AXES || condition.shape.length !== shape.length) return original(call);
    const size = shape.reduce((product, axis) => product * axis, 1);
    const flat = (x: TensorInfo): TensorInfo => ({ ...x, shape: [size] });
    const inputs = { condition: flat(condition), t: flat(t), e: flat(e) };
    return { ...(original({ ...call, inputs }) as TensorInfo), shape };
  };
}
