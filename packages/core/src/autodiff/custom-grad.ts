import { assertTensor, engine } from '../engine.js';
import type { Tensor } from '../tensor.js';

/** What a function with its own gradient returns. */
export interface CustomGradResult {
  readonly value: Tensor;
  /**
   * Maps the cotangent `dy` of `value`, and the tensors that were given to `save`, to one gradient
   * for each argument, in order.
   */
  readonly gradient: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
}

export type CustomGradFunction = (
  save: (...tensors: Tensor[]) => void,
  ...xs: Tensor[]
) => CustomGradResult;

/**
 * A function with a gradient of its own. Save what the gradient needs with `save(...)`: a tensor
 * that the gradient merely closes over may be freed before.
 *
 *     const clippedIdentity = customGrad((save, x) => ({
 *       value: identity(x),
 *       gradient: (dy) => clip(dy, -1, 1),
 *     }));
 */
export function customGrad(fn: CustomGradFunction): (...xs: Tensor[]) => Tensor {
  return (...xs) => {
    xs.forEach((x, i) => assertTensor(x, `Argument ${i} of a customGrad() function`));
    const wrapped = (...args: unknown[]) => {
      const saveAll = args.at(-1) as (tensors: Tensor[]) => void;
      const { value, gradient } = fn((...t) => saveAll(t), ...(args.slice(0, -1) as Tensor[]));
      return { value, gradFunc: gradient };
    };
    return engine().customGrad(wrapped)(...xs);
  };
}
