import { complete, type Initializer } from './initializer.js';

/**
 * Uniform in ±1/√fanIn: what torch.nn gives Linear and Conv2d, weights and biases alike (there called
 * kaiming_uniform with a = √5). Variance 1/(3·fanIn).
 */
export const torchDefault: Initializer = (shape, context) => {
  const { rng, fanIn } = complete(shape, context);
  const bound = 1 / Math.sqrt(fanIn);
  return rng.uniform(shape, { min: -bound, max: bound });
};
