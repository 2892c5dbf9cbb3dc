/**
 * Numbers in [0, 1) for the directions and inputs of checks. Not the generator of core, which is
 * under test here: a linear congruential one, x ← (1664525·x + 1013904223) mod 2³² (Numerical Recipes).
 */
export function hostRandom(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}
