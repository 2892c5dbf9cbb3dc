import { complete, type Initializer } from './initializer.js';

/** Uniform in [min, max). Default: [−0.05, 0.05). */
export function uniform(min: number = -0.05, max: number = 0.05): Initializer {
  return (shape, context) => complete(shape, context).rng.uniform(shape, { min, max });
}

/** Normal. Default: mean 0, standard deviation 0.05. */
export function normal(mean: number = 0, std: number = 0.05): Initializer {
  return (shape, context) => complete(shape, context).rng.normal(shape, { mean, std });
}
