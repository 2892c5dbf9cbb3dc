/** Whether an engine's normal numbers have the host's bits. */
import { type BackendPlugin, Rng, use } from '@stratajs/core';

export interface Differing {
  readonly drawn: number;
  /** Elements with other bits than the host's, the first few by their index. */
  readonly elsewhere: readonly {
    readonly index: number;
    readonly is: number;
    readonly should: number;
  }[];
}

/** Rows of an odd length, so that pairs of numbers lie across their ends. */
const SHAPE = [401, 1501];

export async function drawNormal(plugin: BackendPlugin): Promise<Differing> {
  await use(plugin);
  const options = { mean: -0.3, std: 1.7 };
  const drawn = new Rng(7).normal(SHAPE, options);
  const is = (await drawn.data()) as Float32Array;
  const should = new Rng(7).normalArray(is.length, options);
  const elsewhere = Array.from(is.keys())
    .filter((index) => !Object.is(is[index], should[index]))
    .slice(0, 5)
    .map((index) => ({ index, is: is[index]!, should: should[index]! }));
  return { drawn: is.length, elsewhere };
}
