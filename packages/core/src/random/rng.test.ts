import { beforeAll, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { CheckpointError, ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { defaultRng, seed } from './default-rng.js';
import { Rng } from './rng.js';

beforeAll(async () => {
  await use(testEngine());
});

async function values(t: Tensor): Promise<number[]> {
  const data = await t.data();
  t.dispose();
  return Array.from(data as Float32Array);
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const moment = (xs: readonly number[], k: number): number => mean(xs.map((x) => x ** k));

it('draws the same on the host and through kernels', async () => {
  const [a, b] = [new Rng(2 ** 40 + 17), new Rng(2 ** 40 + 17)];
  expect(await values(a.uniform([3, 5], { min: -2, max: 5 }))).toEqual([
    ...b.uniformArray(15, { min: -2, max: 5 }),
  ]);
  expect(await values(a.normal([7], { mean: 3, std: 0.5 }))).toEqual([
    ...b.normalArray(7, { mean: 3, std: 0.5 }),
  ]);
  expect(a.state()).toEqual(b.state());
});

it('splits the seed into two key words', () => {
  expect(new Rng(2 ** 53 - 1).state()).toEqual({
    key: [0xffffffff, 0x1fffff],
    counter: [0, 0, 0, 0],
    spare: [],
  });
  expect(new Rng(1).uniformArray(8)).not.toEqual(new Rng(2 ** 32 + 1).uniformArray(8));
});

// Bounds are five standard errors for n = 40,000: an honest generator misses one in 10^6 seeds.
const n = 40_000;

it('draws uniform numbers with the moments of the uniform distribution', async () => {
  const u = await values(new Rng(11).uniform([200, 200]));
  expect(Math.abs(mean(u) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(moment(u, 2) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n));
  const cells = Array.from({ length: 16 }, () => 0);
  for (const x of u) cells[Math.floor(x * 16)]!++;
  const chiSquare = cells.reduce((sum, c) => sum + (c - n / 16) ** 2 / (n / 16), 0);
  expect(chiSquare).toBeLessThan(44.3); // 15 degrees of freedom, p = 1e-4
});

it('draws normal numbers with the moments of the normal distribution', async () => {
  const z = await values(new Rng(12).normal([n]));
  expect(Math.abs(mean(z))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(z, 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(z, 3))).toBeLessThan(5 * Math.sqrt(15 / n));
  expect(Math.abs(moment(z, 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  // Neighbours, which come from one pair of words, are uncorrelated.
  const products = z.flatMap((x, i) => (i % 2 === 0 ? [x * z[i + 1]!] : []));
  expect(Math.abs(mean(products))).toBeLessThan(5 / Math.sqrt(n / 2));
});

it('draws truncated normal numbers with their moments, within two standard deviations', async () => {
  const z = await values(new Rng(13).truncatedNormal([n], { mean: 10, std: 3 }));
  const standard = z.map((x) => (x - 10) / 3);
  expect(Math.max(...standard.map(Math.abs))).toBeLessThanOrEqual(2 + 1e-6);
  // 1 − 2·2φ(2)/(2Φ(2) − 1)
  const variance = 0.7737413;
  expect(Math.abs(mean(standard))).toBeLessThan(5 * Math.sqrt(variance / n));
  expect(Math.abs(moment(standard, 2) - variance)).toBeLessThan(5 * Math.sqrt(0.82 / n));
});

it('draws integers and Bernoulli numbers with the right frequencies', async () => {
  const rng = new Rng(14);
  const die = await values(rng.integers([n], { min: -3, max: 3 }));
  const counts = new Map<number, number>();
  for (const d of die) counts.set(d, (counts.get(d) ?? 0) + 1);
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2]);
  for (const c of counts.values())
    expect(Math.abs(c - n / 6)).toBeLessThan(5 * Math.sqrt((n * 5) / 36));

  const b = rng.bernoulli([200, 200], 0.3);
  expect(b.dtype).toBe('float32');
  const coins = await values(b);
  expect(new Set(coins)).toEqual(new Set([0, 1]));
  expect(Math.abs(mean(coins) - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n));
  expect(new Set(await values(rng.bernoulli([99], 0)))).toEqual(new Set([0]));
  expect(new Set(await values(rng.bernoulli([99], 1)))).toEqual(new Set([1]));
});

it('reaches the ends of int32', async () => {
  const wide = await values(new Rng(3).integers([64], { min: -(2 ** 31), max: 2 ** 31 - 1 }));
  expect(Math.min(...wide)).toBeLessThan(-(2 ** 30));
  expect(Math.max(...wide)).toBeGreaterThan(2 ** 30);
});

it('permutes every way equally often', () => {
  const rng = new Rng(15);
  const counts = new Map<string, number>();
  for (let i = 0; i < 4800; i++) {
    const order = String(rng.permutation(4));
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - 200) ** 2 / 200, 0);
  expect(chiSquare).toBeLessThan(57.1); // 23 degrees of freedom, p = 1e-4
  expect([...rng.permutation(1000)].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
  expect([...rng.permutation(0)]).toEqual([]);
});

it('draws integers on the host without bias', () => {
  const rng = new Rng(16);
  // Of 2^32 words, remainders of 3·2^30 would make the first third twice as likely.
  const third = 2 ** 30;
  let low = 0;
  for (let i = 0; i < 9000; i++) if (rng.nextInt(3 * third) < third) low++;
  expect(Math.abs(low - 3000)).toBeLessThan(5 * Math.sqrt(2000));
  expect(rng.nextInt(1)).toBe(0);
  const u = Array.from({ length: 9000 }, () => rng.nextUniform());
  expect(Math.abs(mean(u) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 9000));
});

it('goes on after restore() as if nothing had happened, between any two draws', async () => {
  const rng = new Rng(99);
  rng.nextUniform();
  rng.uniformArray(6);
  const state = JSON.parse(JSON.stringify(rng.state())) as ReturnType<Rng['state']>;
  expect(state.spare).toHaveLength(3);
  const rest = async (r: Rng): Promise<unknown> => [
    r.nextInt(1000),
    await values(r.normal([5])),
    Array.from({ length: 5 }, () => r.nextUniform()),
    r.permutation(9),
    await values(r.truncatedNormal([50])),
    r.fork().uniformArray(2),
    r.state(),
  ];
  const expected = await rest(rng);
  expect(await rest(new Rng(0).restore(state))).toEqual(expected);
});

it('forks streams by name whatever was drawn before, and new ones without a name', () => {
  const rng = new Rng(5);
  const first = rng.fork('weights').uniformArray(4);
  rng.uniformArray(100);
  expect(rng.fork('weights').uniformArray(4)).toEqual(first);
  expect(rng.fork(7).state()).toEqual(rng.fork('7').state());

  const names = ['', 'a', 'b', 'aa', 'a\0', '\0', 'weight', 'weights', 'bias', '你好', 1, 2, 10];
  const streams = names.map((name) => String(rng.fork(name).state().counter));
  streams.push(String(rng.fork().state().counter), String(rng.fork().state().counter));
  streams.push(String(rng.fork('a').fork('b').state().counter));
  streams.push(String(rng.state().counter.with(0, 0)));
  expect(new Set(streams).size).toBe(streams.length);
  // Of the same name under another seed or in another stream, nothing is shared either.
  expect(new Rng(6).fork('weights').uniformArray(4)).not.toEqual(first);
  expect(rng.fork('x').fork('weights').uniformArray(4)).not.toEqual(first);
});

it('keeps the streams of names as they are: checkpoints depend on them', () => {
  expect(new Rng(5).fork('weights').state().counter).toEqual([0, 0, 2650025842, 1824013342]);
  expect(new Rng(5).fork('').state().counter).toEqual([0, 0, 3525481092, 1933453915]);
});

it('seeds the default generator, also for those who hold it', () => {
  const held = defaultRng();
  held.nextUniform();
  seed(31);
  expect(defaultRng()).toBe(held);
  expect(held.uniformArray(4)).toEqual(new Rng(31).uniformArray(4));
  expect(held.nextInt(100)).toBe(
    new Rng(31).restore({ ...new Rng(31).state(), counter: [1, 0, 0, 0] }).nextInt(100),
  );
});

it('leaks nothing', () => {
  const rng = new Rng(1);
  const before = memory().numTensors;
  for (const t of [
    rng.uniform([3]),
    rng.normal([3]),
    rng.integers([3], { max: 4 }),
    rng.bernoulli([3], 0.5),
    rng.truncatedNormal([3]),
  ]) {
    t.dispose();
  }
  tidy(() => void rng.bernoulli([2, 2], 0.5));
  rng.uniform([0, 3]).dispose();
  rng.uniform([]).dispose();
  expect(memory().numTensors).toBe(before);
});

it('says what is wrong with an argument', () => {
  const rng = new Rng(1);
  for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, '1' as unknown as number]) {
    expect(() => new Rng(bad)).toThrow(ConfigError);
  }
  expect(() => new Rng(-1)).toThrow(/0 to 2\^53 − 1.*Received: .*-1/);
  expect(() => seed(1.5)).toThrow(ConfigError);
  expect(() => rng.uniform([2], { min: 3, max: 1 })).toThrow(/min=3, max=1/);
  expect(() => rng.uniform([-2])).toThrow(ShapeError);
  expect(() => rng.normal([2], { std: -1 })).toThrow(ConfigError);
  expect(() => rng.truncatedNormal([2], { mean: Infinity })).toThrow(ConfigError);
  expect(() => rng.integers([2], { max: 0 })).toThrow(ConfigError);
  expect(() => rng.integers([2], { max: 2.5 })).toThrow(ConfigError);
  expect(() => rng.bernoulli([2], 1.1)).toThrow(ConfigError);
  expect(() => rng.nextInt(0)).toThrow(ConfigError);
  expect(() => rng.nextInt(2 ** 33)).toThrow(ConfigError);
  expect(() => rng.permutation(-1)).toThrow(ConfigError);
  expect(() => rng.take(0.5)).toThrow(ConfigError);
  expect(() => rng.fork({} as string)).toThrow(ConfigError);
  const state = rng.state();
  for (const bad of [
    null,
    {},
    { ...state, counter: [0, 0, 0] },
    { ...state, key: [-1, 0] },
    { ...state, spare: [1, 2, 3, 4] },
  ]) {
    expect(() => rng.restore(bad as typeof state)).toThrow(CheckpointError);
  }
  expect(rng.state()).toEqual(state);
});
