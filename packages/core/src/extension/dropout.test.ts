import { beforeAll, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad } from '../autodiff/gradients.js';
import { ones, tensor } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { mul, square, sum } from '../ops/index.js';
import { Rng } from '../random/rng.js';
import { seed } from '../random/default-rng.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { dropout } from './dropout.js';

beforeAll(async () => {
  await use(testEngine());
});

const list = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);

it('keeps what the uniform draw keeps, scaled', async () => {
  const x = tensor(
    Float32Array.from({ length: 1003 }, (_, i) => i + 1),
    [17, 59],
  );
  const u = new Rng(3).uniformArray(1003);
  const scale = Math.fround(1 / (1 - 0.3));
  const y = await list(dropout(x, 0.3, { rng: new Rng(3) }));
  expect(y).toEqual(Array.from(u, (v, i) => (v >= 0.3 ? Math.fround((i + 1) * scale) : 0)));
  const kept = y.filter((v) => v !== 0).length / 1003;
  expect(Math.abs(kept - 0.7)).toBeLessThan(5 * Math.sqrt(0.21 / 1003));
});

it('draws anew each time, moving on by a block for four elements', async () => {
  const rng = new Rng(4);
  const x = ones([33]);
  expect(await list(dropout(x, 0.5, { rng }))).not.toEqual(await list(dropout(x, 0.5, { rng })));
  expect(rng.state().counter).toEqual([18, 0, 0, 0]);
  seed(8);
  const first = await list(dropout(x, 0.5));
  seed(8);
  expect(await list(dropout(x, 0.5))).toEqual(first);
  expect(await list(dropout(x, 0, { rng }))).toEqual(await list(x));
});

it('passes the gradient through the same mask, to second order', async () => {
  const x = tensor(Float32Array.from({ length: 40 }, (_, i) => i - 20.5));
  const f = (z: Tensor): Tensor => sum(square(dropout(z, 0.25, { rng: new Rng(5) })));
  const mask = await list(dropout(ones([40]), 0.25, { rng: new Rng(5) }));
  const values = await list(x);
  expect(await list(grad(f)(x))).toEqual(
    mask.map((m, i) => expect.closeTo(2 * m * m * values[i]!, 4)),
  );
  const second = grad((z) => sum(mul(grad(f)(z), z)))(x);
  expect(await list(second)).toEqual(mask.map((m, i) => expect.closeTo(4 * m * m * values[i]!, 4)));
});

it('leaks nothing', () => {
  const x = ones([8]);
  const before = memory().numTensors;
  dropout(x, 0.5).dispose();
  tidy(() => void grad((z) => sum(dropout(z, 0.5)))(x));
  expect(memory().numTensors).toBe(before);
});

it('says what is wrong with an argument', () => {
  const x = ones([2]);
  for (const rate of [1, -0.1, Number.NaN, '0.5' as unknown as number]) {
    expect(() => dropout(x, rate)).toThrow(ConfigError);
  }
  expect(() => dropout(x, 1.5)).toThrow(/\[0, 1\).*1\.5/);
  expect(() => dropout(tensor([1], [1], 'int32'), 0.5)).toThrow(ShapeError);
  expect(() => dropout([1] as unknown as Tensor, 0.5)).toThrow(ShapeError);
});
