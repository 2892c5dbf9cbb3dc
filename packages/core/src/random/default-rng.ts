import { Rng } from './rng.js';

// One per process, also when two copies of core are installed. Seeded, not random: runs repeat.
const shared = globalThis as { [key: symbol]: unknown };
const key = Symbol.for('strata.rng');

/** The generator of everything that is given no `{ rng }`: seed 0 until `seed()` is called. */
export function defaultRng(): Rng {
  return (shared[key] ??= new Rng(0)) as Rng;
}

/**
 * Sets the default generator to the start of the stream of `n`, also for those who hold it already.
 *
 * @param n an integer from 0 to 2^53 − 1. @throws ConfigError for anything else.
 */
export function seed(n: number): void {
  defaultRng().restore(new Rng(n).state());
}
