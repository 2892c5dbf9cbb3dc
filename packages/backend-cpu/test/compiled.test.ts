// Programs of the native tier: the bits of eager kernels, whatever is joined, placed or written over.
import {
  add,
  addN,
  all,
  assign,
  BackendError,
  cast,
  closeBackends,
  compile,
  ConfigError,
  div,
  dropout,
  exp,
  ones,
  gather,
  greater,
  matmul,
  max,
  maximum,
  mean,
  memory,
  mul,
  neg,
  relu,
  reshape,
  Rng,
  Scalar,
  sgdUpdate,
  softmax,
  softmaxCrossEntropy,
  square,
  State,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
  use,
  where,
  zeros,
} from '@stratajs/core';
import { complex, engine, real, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { StrataCpuBackend } from '../src/backend.js';
import { cpu, type Isa } from '../src/index.js';
import { compilerFor } from '../src/program/compiler.js';
import { addon } from './addon.js';
import { numbers } from './both.js';

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const tf = (t: Tensor): TfTensor => t as unknown as TfTensor;
const random = (shape: number[], seed: number): Tensor =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

describe.runIf(addon).each((addon?.supported() ?? []) as Isa[])('compiled on %s', (isa) => {
  let before = 0;
  beforeEach(async () => {
    await closeBackends();
    await use(cpu({ tier: 'native', isa, threads: 3 }));
    before = memory().numTensors;
  });
  afterAll(() => closeBackends());

  /** Runs `fn` eagerly and compiled, several times on 1 and 3 threads. */
  async function same(fn: (...args: Tensor[]) => Tensor[], ...args: Tensor[]): Promise<void> {
    const eager = tidy(() => fn(...args));
    const expected = await Promise.all(eager.map(data));
    const step = compile(fn);
    for (const threads of [3, 1, 3]) {
      addon!.setThreads(threads);
      const results = step(...args);
      expect(await Promise.all(results.map(data))).toEqual(expected);
      for (const t of results) t.dispose();
    }
    for (const t of eager) t.dispose();
    step.dispose();
  }

  it('chains of one shape, of one element to more than a block of every thread', async () => {
    for (const n of [0, 1, 15, 16, 17, 2048, 2049, 70_001]) {
      const [x, y] = [random([n], 1), random([n], 2)];
      await same(
        (a, b) => {
          const c = relu(sub(mul(a, b), 0.25));
          const d = where(greater(c, a), exp(c), neg(b));
          return [add(cast(cast(mul(d, 10), 'int32'), 'float32'), maximum(d, c)), c];
        },
        x,
        y,
      );
    }
  });

  it('operands that repeat along rows, along columns, and along both', async () => {
    for (const [rows, columns] of [
      [1, 7],
      [5, 3],
      [100, 64],
      [1000, 33],
      [3, 9000],
    ] as const) {
      const [x, row] = [random([rows, columns], 1), random([columns], 2)];
      const [column, one] = [random([rows, 1], 3), random([1, 1], 4)];
      await same(
        (a, b, c, d) => {
          const y = mul(relu(add(a, b)), c);
          return [sub(add(y, d), a), where(greater(y, b), c, mul(y, y))];
        },
        x,
        row,
        column,
        one,
      );
    }
    const [x, inner] = [random([4, 5, 6], 5), random([4, 1, 6], 6)];
    await same((a, b) => [relu(add(mul(a, b), mul(ones([5, 1]), 0.5)))], x, inner);
  });

  it('reductions of rows at the end of a chain, and what is computed with them', async () => {
    for (const [rows, columns] of [
      [1, 1],
      [1, 300],
      [7, 1],
      [40, 40],
      [1000, 33],
      [5, 9000],
      [70_000, 2],
    ] as const) {
      await same(
        (x, row) => {
          const y = relu(add(mul(x, 2), row));
          const highest = max(y, { axis: 1, keepDims: true });
          const z = exp(sub(y, highest));
          return [
            div(z, sum(z, { axis: 1, keepDims: true })),
            softmax(neg(y)),
            mean(square(y), { axis: 1 }),
            all(greater(y, -1), { axis: 1 }),
            sum(mul(y, y)),
            // Along the columns, where no block has all rows.
            add(sub(y, mean(y, { axis: 0 })), sum(y, { axis: 0 })),
          ];
        },
        random([rows, columns], 1),
        random([columns], 2),
      );
    }
    // A row's results, read along the columns of a square.
    await same(
      (x) => [mul(relu(x), reshape(sum(relu(x), { axis: 1 }), [1, 64]))],
      random([64, 64], 3),
    );
  });

  it('results that come in the place of arguments that nobody reads again', async () => {
    await same(
      (x, w) => {
        let y = matmul(x, w);
        for (let i = 0; i < 4; i++) y = add(matmul(relu(y), w), mul(y, 0.5));
        return [y, sum(y)];
      },
      random([33, 33], 1),
      random([33, 33], 2),
    );
  });

  it('a sum of many terms, some of which come twice, in the place of none that is still to be added', async () => {
    for (const n of [1, 33, 5000]) {
      await same(
        (x, y) => {
          const [a, b] = [sub(x, 1), mul(y, 2)];
          const c = addN([a, a, a, b]);
          const d = addN([exp(x), y, neg(b), c, c]);
          return [relu(addN([d, sub(d, 1), neg(y), d]))];
        },
        random([n], 1),
        random([n], 2),
      );
    }
  });

  it('arguments, constants and the same value as results, and results without elements', async () => {
    const step = compile((x: Tensor) => {
      const y = relu(x);
      return [x, y, y, reshape(x, [3, 2]), zeros([0, 4]), mul(ones([2]), 7)];
    });
    const x = random([2, 3], 1);
    const values = await data(x);
    for (let call = 0; call < 2; call++) {
      const results = step(x);
      expect(results.map(({ shape }) => shape)).toEqual([
        [2, 3],
        [2, 3],
        [2, 3],
        [3, 2],
        [0, 4],
        [2],
      ]);
      const [same0, first, second, shaped, none, constant] = await Promise.all(results.map(data));
      expect(same0).toEqual(values);
      expect(shaped).toEqual(values);
      expect(first).toEqual(values.map((v) => Math.max(v, 0)));
      expect(second).toEqual(first);
      expect(none).toEqual([]);
      expect(constant).toEqual([7, 7]);
      for (const t of results) t.dispose();
    }
    expect(await data(x)).toEqual(values);
    x.dispose();
    step.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('writes States in place, but not over what somebody else sees', async () => {
    const p = tidy(() => new State(tensor([1, 2, 3])));
    const step = compile((g: Tensor) => {
      sgdUpdate({ parameters: [p], gradients: [g], learningRate: 1 });
      return p.value;
    });
    const g = tensor([1, 1, 1]);
    const seen = [p.value];
    for (let call = 0; call < 3; call++) {
      step(g).dispose();
      seen.push(p.value);
    }
    const held = await Promise.all(seen.map(data));
    expect(held).toEqual([
      [1, 2, 3],
      [0, 1, 2],
      [-1, 0, 1],
      [-2, -1, 0],
    ]);
    for (const t of [...seen, g]) t.dispose();
    // Nobody sees it now: its memory stays the same one.
    const dataId = (): unknown => (State.heldBy(p) as unknown as { dataId: object }).dataId;
    const quiet = compile((x: Tensor) => {
      sgdUpdate({ parameters: [p], gradients: [x], learningRate: 1 });
      return x;
    });
    const x = tensor([0.5, 0.5, 0.5]);
    quiet(x).dispose();
    const id = dataId();
    quiet(x).dispose();
    expect(dataId()).toBe(id);
    expect(await data(State.heldBy(p))).toEqual([-3, -2, -1]);
    x.dispose();
    p.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('States that change places, follow each other, or are each other’s gradient', async () => {
    const make = (): State[] => [1, 2, 3].map((v) => tidy(() => new State(tensor([v, 10 * v]))));
    const body = (states: State[]): void => {
      const [a, b, c] = states as [State, State, State];
      const [x, y] = [a.value, b.value];
      assign(a, y);
      assign(b, x);
      sgdUpdate({ parameters: [a, b], gradients: [b.value, a.value], learningRate: 0.5 });
      assign(c, a.value);
      sgdUpdate({ parameters: [a], gradients: [c.value], learningRate: 0.25 });
      assign(b, c.value);
    };
    const [eager, own] = [make(), make()];
    const step = compile(() => {
      body(own);
      return [];
    });
    for (let call = 0; call < 3; call++) {
      tidy(() => body(eager));
      step();
      for (const [i, state] of own.entries())
        expect(await data(State.heldBy(state))).toEqual(await data(State.heldBy(eager[i]!)));
    }
    for (const state of [...eager, ...own]) state.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('kernels that only JavaScript has, between native ones, and frees all of it', async () => {
    await same(
      (x) => {
        const y = relu(x);
        const z = real(complex(tf(mul(y, 2)), tf(neg(y)))) as unknown as Tensor;
        return [add(z, y), sub(mul(z, z), x)];
      },
      random([300], 1),
    );
    expect(memory().numTensors).toBe(before + 1);
  });

  it('explains what it joins, holds, and leaves to JavaScript', () => {
    const step = compile((x: Tensor) => {
      const y = relu(add(matmul(x, x), 1));
      const z = real(complex(tf(y), tf(y))) as unknown as Tensor;
      return neg(mul(z, x));
    });
    const x = random([8, 8], 1);
    const { engine: explained } = step.explain(x);
    expect(explained).toMatchObject({
      fusedGroups: 2,
      followingGroups: 0,
      nativeStages: 2,
      nativeCalls: 5,
      arenaBytes: 256,
    });
    expect(explained!.hostKernels).toEqual({
      Complex: 'complex64 values',
      Real: 'complex64 values',
    });
    expect(String(step.explain(x))).toContain('5 native calls in 2 stages, 2 fused groups');
    step.dispose();
    x.dispose();
  });

  it('reads Scalars and draws random numbers in every run', async () => {
    const rate = new Scalar(2);
    const rng = new Rng(5);
    const fn = (x: Tensor): Tensor[] => [mul(x, rate), dropout(x, 0.5, { rng })];
    const step = compile(fn);
    const x = tidy(() => ones([64]));
    const start = rng.state();
    const expected: number[][] = [];
    for (const value of [2, 3, -1]) {
      rate.value = value;
      const results = tidy(() => fn(x));
      expected.push(...(await Promise.all(results.map(data))));
      for (const t of results) t.dispose();
    }
    rng.restore(start);
    const received: number[][] = [];
    for (const value of [2, 3, -1]) {
      rate.value = value;
      const results = step(x);
      received.push(...(await Promise.all(results.map(data))));
      for (const t of results) t.dispose();
    }
    expect(received).toEqual(expected);
    x.dispose();
  });

  it('errors of kernels as eager ones have them, and nothing left behind', async () => {
    const loss = compile((logits: Tensor, labels: Tensor) =>
      sum(softmaxCrossEntropy(relu(logits), labels)),
    );
    const rows = compile((x: Tensor, at: Tensor) => neg(gather(relu(x), at)));
    const [logits, good] = [random([3, 4], 1), tensor([0, 1, 3], [3], 'int32')];
    const bad = tensor([0, 9, 3], [3], 'int32');
    const tensors = memory().numTensors;
    for (let call = 0; call < 2; call++) {
      expect(() => loss(logits, bad)).toThrow(ConfigError);
      expect(() => rows(logits, bad)).toThrow(ConfigError);
      expect(() => rows(logits, bad)).toThrow('GatherV2');
      loss(logits, good).dispose();
      rows(logits, tensor([0, 2], [2], 'int32')).dispose();
    }
    expect(memory().numTensors).toBeLessThanOrEqual(tensors + 4);
    for (const t of [logits, good, bad]) t.dispose();
  });

  it('refuses temporary results for which there is no memory, before the run', async () => {
    await closeBackends();
    const plugin = cpu({ tier: 'native', isa });
    await use({
      ...plugin,
      name: 'strata-cpu',
      async open() {
        const opened = await plugin.open();
        const backend = engine().findBackend('strata-cpu') as StrataCpuBackend;
        return {
          ...opened,
          compile: compilerFor({ addon: addon!, isa, backend, totalMemory: 999 } as never),
        };
      },
    });
    const sums = compile((x: Tensor) => sum(matmul(x, x)));
    const [small, large] = tidy(() => [ones([8, 8]), ones([80, 80])]) as [Tensor, Tensor];
    const tensors = memory().numTensors;
    sums(small).dispose();
    for (let call = 0; call < 2; call++) {
      expect(() => sums(large)).toThrow(BackendError);
      expect(() => sums(large)).toThrow('temporary results of a compiled program');
    }
    expect(memory().numTensors).toBe(tensors);
    sums(small).dispose();
    for (const t of [small, large]) t.dispose();
  });
});
