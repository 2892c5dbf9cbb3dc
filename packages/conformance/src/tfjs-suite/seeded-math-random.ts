/* oxlint-disable no-restricted-properties -- what is put in the place of Math.random is seeded */
import { hostRandom } from '../host-random.js';

/** With this one every spec passes on tfjs's own engine. */
const SEED = 1;

/**
 * Puts a seeded generator in the place of `Math.random`. Operations of tfjs that are given no seed take theirs from it, and
 * some specs bound what has no bound: `randomGamma` draws some 2,300 values from Γ(2, scale 2), wants all below 40, and one
 * run in ten thousand meets a larger one (21·e⁻²⁰ a value) whatever the engine does.
 */
export function seedMathRandom(): { reseed(): void; restore(): void } {
  const { random } = Math;
  const reseed = () => {
    Math.random = hostRandom(SEED);
  };
  reseed();
  return {
    /** Called before each spec: what it draws does not depend on the specs before it. */
    reseed,
    restore() {
      Math.random = random;
    },
  };
}
