// Groups that take up rows of a product, a convolution or a normalization as they come: the bits of eager kernels.
import {
  add,
  assign,
  batchNorm,
  closeBackends,
  compile,
  conv2d,
  dispose,
  layerNorm,
  matmul,
  mul,
  relu,
  Rng,
  State,
  type Tensor,
  tidy,
  use,
  vjp,
} from '@stratajs/core';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';

const random = (seed: number, ...shape: number[]): Tensor => new Rng(seed).normal(shape);
/** To compare bits quickly: there are many. */
const bits = (ts: Tensor[]): Promise<string[]> =>
  Promise.all(
    ts.map(async (t) => {
      const { buffer, byteOffset, byteLength } = (await t.data()) as Float32Array;
      return createHash('sha1')
        .update(new Uint8Array(buffer, byteOffset, byteLength))
        .digest('hex');
    }),
  );

describe.runIf(addon).each((addon?.supported() ?? []) as Isa[])('followers on %s', (isa) => {
  beforeAll(async () => {
    await closeBackends();
    await use(cpu({ tier: 'native', isa, threads: 3 }));
  });
  afterAll(closeBackends);

  /** Eager and compiled, twice, and on one thread; how many groups of the program follow. */
  async function following(
    fn: (...args: Tensor[]) => Tensor[],
    ...args: Tensor[]
  ): Promise<number> {
    const eager = tidy(() => fn(...args));
    const expected = await bits(eager);
    const step = compile(fn);
    const { followingGroups } = step.explain(...args).engine!;
    for (const threads of [3, 1, 3]) {
      addon!.setThreads(threads);
      const results = step(...args);
      expect(await bits(results)).toEqual(expected);
      dispose(results);
    }
    step.dispose();
    dispose([eager, args]);
    return followingGroups;
  }

  it('a product, then factors, shifts and a residual', async () => {
    const fn = (x: Tensor, w: Tensor, scale: Tensor, r: Tensor): Tensor[] => [
      relu(add(add(mul(matmul(x, w), scale), 1), r)),
    ];
    const args = [random(1, 4100, 33), random(2, 33, 32), random(3, 32), random(4, 4100, 32)];
    expect(await following(fn, ...args)).toBe(1);
  });

  it('a product whose result others read, too', async () => {
    const fn = (x: Tensor, w: Tensor): Tensor[] => {
      const y = matmul(x, w);
      return [relu(mul(y, 2)), y];
    };
    expect(await following(fn, random(1, 4100, 33), random(2, 33, 32))).toBe(1);
  });

  it('a convolution of what is also added to its result, and of nothing else afterwards', async () => {
    const fn = (x: Tensor, w: Tensor): Tensor[] => {
      const h = relu(x);
      return [relu(add(conv2d(h, w, { padding: 'same', algorithm: 'direct' }), h))];
    };
    for (const side of [1, 3])
      expect(await following(fn, random(1, 3, 41, 40, 32), random(2, side, side, 32, 32))).toBe(1);
  });

  it('the gradient of a convolution with a second one', async () => {
    for (const strides of [1, 2]) {
      const fn = (x: Tensor, w: Tensor, dy: Tensor, other: Tensor): Tensor[] => {
        const conv = (t: Tensor): Tensor =>
          conv2d(t, w, { padding: 1, strides, algorithm: 'direct' });
        return [mul(add(vjp(conv, x).pullback(dy)[0]!, other), 0.5)];
      };
      const out = strides === 1 ? [3, 41, 40, 24] : [3, 21, 20, 24];
      const args = [random(1, 3, 41, 40, 32), random(2, 3, 3, 32, 24)];
      expect(await following(fn, ...args, random(3, ...out), random(4, 3, 41, 40, 32))).toBe(1);
    }
  });

  it('normalizations, whose other results are not there row by row', async () => {
    const fn = (x: Tensor): Tensor[] => {
      const { y, mean, variance } = batchNorm(x);
      const centred = add(mul(y, 2), mean);
      return [relu(centred), mul(mean, variance), relu(add(layerNorm(x, 20), x))];
    };
    expect(await following(fn, random(1, 2, 60, 61, 20))).toBe(1);
    const plain = (x: Tensor): Tensor[] => [relu(add(batchNorm(x).y, x))];
    expect(await following(plain, random(1, 2, 60, 61, 20))).toBe(1);
  });

  it('what a State held is read to the end before the State is written', async () => {
    const [eager, own] = [1, 2].map(() => tidy(() => new State(random(1, 4200, 32))));
    const w = random(2, 32, 32);
    const step = (state: State): void =>
      assign(state, relu(add(matmul(state.value, w), state.value)));
    const compiled = compile(() => step(own!));
    for (let i = 0; i < 3; i++) {
      tidy(() => step(eager!));
      compiled();
      expect(await bits([own!.value])).toEqual(await bits([eager!.value]));
    }
    expect(compiled.explain().engine!.followingGroups).toBe(1);
    compiled.dispose();
    dispose([eager!, own!, w]);
  });
});
