import {
  adamUpdate,
  averageUpdate,
  type BackendPlugin,
  closeBackends,
  ConfigError,
  dropout,
  firstNonFinite,
  grad,
  Rng,
  Scalar,
  scalar,
  sgdUpdate,
  softmaxCrossEntropy,
  State,
  sum,
  type Tensor,
  tensor,
  use,
} from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa, kernelTable } from '../src/index.js';
import { addon } from './addon.js';
import { native, numbers } from './both.js';

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const vector = (length: number, seed: number): Tensor => tensor(numbers(length, seed));

/** Draws of every kind, of lengths around blocks, registers and pieces. */
async function draws(plugin: BackendPlugin): Promise<number[][]> {
  await use(plugin);
  const rng = new Rng(7);
  const all: Tensor[] = [];
  for (const n of [0, 1, 2, 3, 4, 5, 63, 64, 65, 1000, 20_001]) {
    all.push(rng.uniform([n]), rng.uniform([n], { min: -3.3, max: 1e6 }));
    all.push(rng.normal([n]), rng.normal([n], { mean: 0.1, std: 0.37 }));
    all.push(rng.integers([n], { min: -5, max: 1000 }));
    all.push(rng.integers([n], { min: -(2 ** 31), max: 2 ** 31 - 1 }));
    all.push(dropout(tensor(numbers(n, 3), [n]), 0.3, { rng }));
  }
  const read = await Promise.all(all.map(data));
  await closeBackends();
  return read;
}

describe.runIf(addon).each((addon?.supported() ?? []) as Isa[])('random kernels on %s', (isa) => {
  it('give the bits of core', async () => {
    const expected = await draws(cpu({ tier: 'javascript' }));
    expect(await draws(cpu({ isa, threads: 1 }))).toEqual(expected);
    expect(await draws(cpu({ isa, threads: 3 }))).toEqual(expected);
  });

  it('carry from one counter word to the next', () => {
    const run = addon!.kernels(isa)['randomInt']!;
    const at = (first: number, second: number, n: number): Int32Array => {
      const y = new Int32Array(n);
      run(y, n, -(2 ** 31), 2 ** 31 - 1, 1, 2, first, second, 3, 4);
      return y;
    };
    // Blocks 2^32 − 2, 2^32 − 1, 2^32, … of one stream.
    const across = at(0xfffffffe, 8, 400);
    expect([...across.subarray(8)]).toEqual([...at(0, 9, 392)]);
    expect([...across.subarray(4, 8)]).toEqual([...at(0xffffffff, 8, 4)]);
  });
});

describe.runIf(addon)('extension kernels on the native tier', () => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', threads: 2 }));
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it('are native, every one', () => {
    const table = kernelTable();
    const own = Object.keys(table).filter((name) => name.startsWith('Strata'));
    expect(own.length).toBeGreaterThanOrEqual(9);
    for (const name of own) expect([name, table[name]]).toEqual([name, 'native']);
  });

  it.each([0, 0.1, 1])('softmax cross entropy with smoothing %d', async (labelSmoothing) => {
    for (const [rows, classes] of [
      [1, 1],
      [3, 10],
      [70, 17],
      [2, 1000],
    ] as const) {
      const x = numbers(rows * classes, 1, 30);
      const y = Int32Array.from({ length: rows }, (_, r) => (r * 7) % classes);
      const logits = tensor(x, [rows, classes]);
      const labels = tensor(y, [rows], 'int32');
      const loss = await data(softmaxCrossEntropy(logits, labels, { labelSmoothing }));
      const dx = await data(
        grad((z: Tensor) => sum(softmaxCrossEntropy(z, labels, { labelSmoothing })))(logits),
      );
      for (let r = 0; r < rows; r++) {
        const row = Array.from(x.subarray(r * classes, (r + 1) * classes));
        const top = Math.max(...row);
        const logSum = top + Math.log(row.reduce((s, v) => s + Math.exp(v - top), 0));
        const target = row.map(
          (_, c) => (c === y[r] ? 1 - labelSmoothing : 0) + labelSmoothing / classes,
        );
        const exact = row.reduce((s, v, c) => s - target[c]! * (v - logSum), 0);
        expect(Math.abs(loss[r]! - exact)).toBeLessThan(2e-6 * Math.max(1, exact));
        row.forEach((v, c) => {
          const d = Math.exp(v - logSum) - target[c]!;
          expect(Math.abs(dx[r * classes + c]! - d)).toBeLessThan(3e-7);
        });
      }
    }
  });

  it('a label that is no class is named, and nothing leaks', () => {
    const logits = tensor(numbers(12, 1), [4, 3]);
    const before = native().numDataIds();
    for (const wrong of [-1, 3]) {
      const labels = tensor([0, 1, wrong, 2], [4], 'int32');
      expect(() => softmaxCrossEntropy(logits, labels)).toThrow(ConfigError);
      expect(() => softmaxCrossEntropy(logits, labels)).toThrow(`labels[2] is ${wrong}`);
      labels.dispose();
    }
    expect(native().numDataIds()).toBe(before);
  });

  it('the first tensor that is not finite', async () => {
    const sizes = [3, 100_000, 1, 0, 70_000];
    const look = async (where: [number, number][], odd: number): Promise<number[]> =>
      data(
        firstNonFinite(
          sizes.map((n, k) => {
            const values = numbers(n, k, 3e38);
            for (const [tensorIndex, at] of where) if (tensorIndex === k) values[at] = odd;
            return tensor(values, [n]);
          }),
        ),
      );
    for (const odd of [NaN, Infinity, -Infinity]) {
      expect(await look([], odd)).toEqual([-1]);
      expect(await look([[0, 2]], odd)).toEqual([0]);
      expect(await look([[1, 99_999]], odd)).toEqual([1]);
      expect(
        await look(
          [
            [4, 69_999],
            [1, 65_536],
          ],
          odd,
        ),
      ).toEqual([1]);
      expect(
        await look(
          [
            [4, 0],
            [2, 0],
          ],
          odd,
        ),
      ).toEqual([2]);
    }
  });

  const sizes = [5, 40_000, 1, 17];
  const states = (seed: number): State[] => sizes.map((n, i) => new State(vector(n, seed + i)));
  const zeros = (): State[] => sizes.map((n) => new State(tensor(new Float32Array(n))));
  const valuesOf = (list: readonly State[]): Promise<number[][]> =>
    Promise.all(list.map((s) => data(s.value)));

  it.each([
    [0, false, 0],
    [0, false, 0.1],
    [0.9, false, 0.01],
    [0.9, true, 0.01],
  ])('sgd with momentum %d, nesterov %s, decay %d', async (momentum, nesterov, weightDecay) => {
    const parameters = states(1);
    const velocities = momentum > 0 ? zeros() : undefined;
    const gradients = sizes.map((n, i) => vector(n, 50 + i));
    const expected = (await valuesOf(parameters)).map((p) =>
      p.map((v) => [v, 0] as [number, number]),
    );
    const g = await Promise.all(gradients.map(data));
    const learningRate = new Scalar(0.1);
    for (let step = 0; step < 3; step++) {
      sgdUpdate({
        parameters,
        gradients,
        velocities,
        learningRate,
        momentum,
        nesterov,
        weightDecay,
      });
      expected.forEach((list, k) =>
        list.forEach((pv, i) => {
          let d = g[k]![i]! + weightDecay * pv[0];
          if (momentum > 0) {
            pv[1] = momentum * pv[1] + d;
            d = nesterov ? d + momentum * pv[1] : pv[1];
          }
          pv[0] -= learningRate.value * d;
        }),
      );
      learningRate.value /= 2;
    }
    (await valuesOf(parameters)).forEach((list, k) =>
      list.forEach((v, i) => expect(Math.abs(v - expected[k]![i]![0])).toBeLessThan(1e-6)),
    );
  });

  it.each([
    [0, false],
    [0.1, false],
    [0.1, true],
  ])('adam with decay %d, decoupled %s', async (weightDecay, decoupled) => {
    const [parameters, firstMoments, secondMoments] = [states(1), zeros(), zeros()];
    const step = new State(scalar(0, 'int32'));
    const gradients = sizes.map((n, i) => vector(n, 90 + i));
    const g = await Promise.all(gradients.map(data));
    const expected = (await valuesOf(parameters)).map((list) => list.map((p) => [p, 0, 0]));
    const [learningRate, beta1, beta2, epsilon] = [0.01, 0.9, 0.999, 1e-8];
    for (let t = 1; t <= 3; t++) {
      adamUpdate({
        parameters,
        gradients,
        firstMoments,
        secondMoments,
        step,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        decoupled,
      });
      expected.forEach((list, k) =>
        list.forEach((pmv, i) => {
          let [p, m, v] = pmv as [number, number, number];
          let d = g[k]![i]!;
          if (decoupled) p *= 1 - learningRate * weightDecay;
          else d += weightDecay * p;
          m += (1 - beta1) * (d - m);
          v = beta2 * v + (1 - beta2) * d * d;
          p -=
            ((learningRate / (1 - beta1 ** t)) * m) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
          pmv.splice(0, 3, p, m, v);
        }),
      );
    }
    expect(await data(step.value)).toEqual([3]);
    (await valuesOf(parameters)).forEach((list, k) =>
      list.forEach((v, i) => expect(Math.abs(v - expected[k]![i]![0]!)).toBeLessThan(2e-6)),
    );
  });

  it('a closed gate changes nothing', async () => {
    const [parameters, firstMoments, secondMoments] = [states(1), states(2), states(3)];
    const step = new State(scalar(4, 'int32'));
    const gradients = sizes.map((n, i) => vector(n, 90 + i));
    const before = await valuesOf([...parameters, ...firstMoments, ...secondMoments]);
    const gate = scalar(2, 'int32');
    const rates = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    adamUpdate({ parameters, gradients, firstMoments, secondMoments, step, ...rates, gate });
    sgdUpdate({ parameters, gradients, learningRate: 0.1, gate });
    expect(await valuesOf([...parameters, ...firstMoments, ...secondMoments])).toEqual(before);
    expect(await data(step.value)).toEqual([4]);
    sgdUpdate({ parameters, gradients, learningRate: 0.1, gate: scalar(-1, 'int32') });
    expect(await valuesOf(parameters)).not.toEqual(before.slice(0, sizes.length));
  });

  it('averages, of which what would not be finite stays', async () => {
    const averages = states(1);
    const values = sizes.map((n, i) => vector(n, 50 + i));
    values[3] = tensor(numbers(17, 9).map((v, i) => (i % 5 === 0 ? Number.NaN : v)));
    const before = await valuesOf(averages);
    const scales = [1, 1.5, -2, 0.5];
    averageUpdate({ averages, values, weight: 0.3, scales });
    const x = await Promise.all(values.map(data));
    (await valuesOf(averages)).forEach((list, k) =>
      list.forEach((v, i) => {
        const a = before[k]![i]!;
        const moved = a + 0.3 * (scales[k]! * x[k]![i]! - a);
        expect(Math.abs(v - (Number.isNaN(moved) ? a : moved))).toBeLessThan(1e-6);
      }),
    );
  });

  it('updates in place when nobody else holds the value, and never otherwise', async () => {
    const state = new State(vector(1000, 1));
    const update = (): void =>
      sgdUpdate({ parameters: [state], gradients: [vector(1000, 2)], learningRate: 0.1 });
    const memoryOf = (): unknown => {
      const held = state.value;
      const block = native().data.get((held as unknown as { dataId: object }).dataId).block;
      held.dispose();
      return block;
    };
    // Memory that came from outside is not the engine's to write into.
    update();
    const block = memoryOf();
    expect(block).not.toBeNull();
    update();
    expect(memoryOf()).toBe(block);

    const held = state.value;
    const before = await data(held);
    update();
    expect(memoryOf()).not.toBe(block);
    expect(await data(held)).toEqual(before);
    expect(await data(state.value)).not.toEqual(before);
  });

  it('threads change no bit', async () => {
    const results: number[][][] = [];
    for (const threads of [1, 2, 5]) {
      addon!.setThreads(threads);
      const x = tensor(numbers(300_000, 1), [300, 1000]);
      const y = tensor(
        Int32Array.from({ length: 300 }, (_, i) => i),
        [300],
        'int32',
      );
      const tall = tensor(numbers(300_000, 2), [100_000, 3]);
      results.push([
        await data(sum(x)),
        await data(sum(x, { axis: 0 })),
        await data(sum(x, { axis: 1 })),
        await data(sum(tall, { axis: 0 })),
        await data(softmaxCrossEntropy(x, y)),
      ]);
    }
    addon!.setThreads(2);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
