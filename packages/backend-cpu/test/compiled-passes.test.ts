// What core's passes do to products and convolutions, on every tier: bits stay those of eager kernels.
import {
  add,
  closeBackends,
  compile,
  conv2d,
  depthwiseConv2d,
  elu,
  matmul,
  relu,
  relu6,
  Rng,
  sigmoid,
  type Tensor,
  tidy,
  transpose,
  use,
} from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';

const random = (seed: number, ...shape: number[]): Tensor => new Rng(seed).normal(shape);
const activations = [(x: Tensor) => x, relu, relu6, (x: Tensor) => elu(x), sigmoid];

/** Sizes around vector widths, panels, and the forms of a product that have code of their own. */
const products = [
  [1, 1, 1],
  [1, 64, 33],
  [7, 3, 16],
  [16, 300, 17],
  [33, 17, 1],
  [65, 129, 64],
  [128, 513, 31],
] as const;

type Fn = (...args: Tensor[]) => Tensor[];

/** Eager and compiled results. Of matrices, checks that passes took out at least one kernel. */
async function both(fn: Fn, ...args: Tensor[]): Promise<[Float32Array[], Float32Array[]]> {
  const data = (ts: Tensor[]): Promise<Float32Array[]> =>
    Promise.all(ts.map(async (t) => (await t.data()) as Float32Array));
  const step = compile(fn);
  const { leftOut } = step.explain(...args);
  if (args.every(({ shape }) => !shape.includes(1)))
    expect(leftOut.transposes + leftOut.epilogues).toBeGreaterThan(0);
  const [eager, compiled] = [tidy(() => fn(...args)), step(...args)];
  const results: [Float32Array[], Float32Array[]] = [await data(eager), await data(compiled)];
  step.dispose();
  for (const t of [...eager, ...compiled, ...args]) t.dispose();
  return results;
}

const bits = (all: Float32Array[]): Int32Array[] =>
  all.map((x) => new Int32Array(x.buffer, x.byteOffset, x.length));

function productWithBias(activation: (x: Tensor) => Tensor): Fn {
  return ((x: Tensor, w: Tensor, b: Tensor) => [activation(add(matmul(x, w), b))]) as Fn;
}

const tiers = [
  ...((addon?.supported() ?? []) as Isa[]).map((isa) => ({ tier: 'native', isa }) as const),
  { tier: 'javascript' } as const,
  { tier: 'wasm' } as const,
];

describe.each(tiers)('on $tier $isa', (options) => {
  beforeAll(async () => {
    await closeBackends();
    await use(cpu(options));
  });
  afterAll(() => closeBackends());

  it.each(products)('transposes that go into products: %i, %i, %i', async (m, k, n) => {
    const fn: Fn = ((x: Tensor, y: Tensor, xt: Tensor, yt: Tensor) => [
      matmul(x, transpose(yt)),
      matmul(transpose(xt), y),
      matmul(transpose(xt), transpose(yt)),
    ]) as Fn;
    const args = [random(1, m, k), random(2, k, n), random(3, k, m), random(4, n, k)];
    const [eager, compiled] = await both(fn, ...args);
    expect(bits(compiled)).toEqual(bits(eager));
  });

  // A replay leaves these as they are.
  describe.each(options.tier === 'native' ? ['compiled by the engine'] : [])('%s', () => {
    it.each(products)('bias and activation of products: %i, %i, %i', async (m, k, n) => {
      for (const activation of activations) {
        const args = [random(1, m, k), random(2, k, n), random(3, n)];
        const [eager, compiled] = await both(productWithBias(activation), ...args);
        expect(bits(compiled)).toEqual(bits(eager));
      }
    });

    it('bias and activation of convolutions', async () => {
      for (const [size, channels, out, kernel] of [
        [5, 3, 4, 3],
        [12, 16, 24, 3],
        [9, 33, 16, 1],
        [16, 64, 64, 3],
      ] as const) {
        for (const activation of activations) {
          const fn: Fn = ((x: Tensor, f: Tensor, d: Tensor, b: Tensor) => [
            activation(add(conv2d(x, f, { padding: 'same' }), b)),
            activation(depthwiseConv2d(x, d)),
          ]) as Fn;
          const [eager, compiled] = await both(
            fn,
            random(1, 2, size, size, channels),
            random(2, kernel, kernel, channels, out),
            random(3, kernel, kernel, channels, 1),
            random(4, out),
          );
          expect(bits(compiled)).toEqual(bits(eager));
        }
      }
    });
  });
});
