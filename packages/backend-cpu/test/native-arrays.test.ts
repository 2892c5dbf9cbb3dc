// Arrays that are nothing like fresh, aligned memory of a moderate size: unaligned, shared, empty, huge.
import {
  adamUpdate,
  add,
  BackendError,
  broadcastTo,
  closeBackends,
  conv2d,
  full,
  grad,
  greater,
  matmul,
  memory,
  mul,
  reshape,
  scalar,
  slice,
  State,
  sub,
  sum,
  tensor,
  type Tensor,
  tidy,
  tile,
  use,
  where,
  zeros,
} from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, values } from './addon.js';

const read = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);

/** The same elements at another alignment: `shift` elements behind a boundary of 64 bytes. */
function shifted<T extends Float32Array | Int32Array>(array: T, shift: number): T {
  const memory = addon!.allocate(array.byteLength + 4 * shift);
  const Type = array.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  const copy = new Type(memory, 4 * shift, array.length);
  copy.set(array);
  return copy;
}

const one = Int32Array.of(1, 33, 31, 0, 0, 0, 1, 1, 1);
const image = Int32Array.of(2, 9, 10, 5, 9, 10, 7, 3, 3, 1, 1, 1, 1, 1, 1);
/** Kernel → arrays of random values (by length) and other arguments, of which the last array is the result. */
const CALLS: Record<string, readonly (number | Int32Array | null | { random: number })[]> = {
  exp: [{ random: 1003 }, { random: 1003 }, 1003],
  add: [{ random: 1003 }, { random: 1003 }, { random: 1003 }, 1003],
  sum: [{ random: 7 * 131 }, { random: 7 }, 7, 131, 1],
  softmax: [{ random: 7 * 131 }, { random: 7 * 131 }, 7, 131],
  matmul: [{ random: 31 }, { random: 31 * 33 }, null, { random: 33 }, one],
  conv2d: [
    { random: 2 * 9 * 10 * 5 },
    { random: 9 * 5 * 7 },
    null,
    { random: 2 * 9 * 10 * 7 },
    image,
    0,
  ],
};

describe.runIf(addon).each(isas as Isa[])('arrays on %s', (isa) => {
  beforeAll(() => use(cpu({ tier: 'native', isa, threads: 2 })));
  afterAll(closeBackends);

  it.each(Object.keys(CALLS))('%s gives the same bits wherever its arrays lie', (name) => {
    const kernel = addon!.kernels(isa)[name]!;
    const at = (shift: number): Float32Array => {
      let result: Float32Array = new Float32Array(0);
      const args = CALLS[name]!.map((argument, i) => {
        if (typeof argument === 'number' || argument === null) return argument;
        if (argument instanceof Int32Array) return shifted(argument, shift);
        result = shifted(values(argument.random, i + 1), shift + i);
        return result;
      });
      kernel(...args);
      return Float32Array.from(result);
    };
    const aligned = at(0);
    expect(aligned.every(Number.isFinite)).toBe(true);
    for (const shift of [1, 3, 7, 15]) expect(at(shift)).toEqual(aligned);
  });

  it('one tensor in two places', async () => {
    const x = tensor(values(64 * 64, 1), [64, 64]);
    const copy = tensor(values(64 * 64, 1), [64, 64]);
    for (const op of [add, sub, mul, matmul, (a: Tensor, b: Tensor) => where(greater(a, 0), a, b)])
      expect(await read(op(x, x))).toEqual(await read(op(x, copy)));
    const [y, other] = [reshape(x, [1, 8, 8, 64]), reshape(copy, [1, 8, 8, 64])];
    const filter = reshape(x, [1, 1, 64, 64]);
    expect(await read(conv2d(y, filter))).toEqual(await read(conv2d(other, filter)));
  });

  it('views of one memory', async () => {
    const x = tensor(values(1000, 2));
    const parts = [slice(x, 0, 999), slice(x, 1, 999)] as const;
    const expected = values(1000, 2);
    const sums = Float32Array.from({ length: 999 }, (_, i) => expected[i]! + expected[i + 1]!);
    expect(await read(add(...parts))).toEqual([...sums]);
    expect(await read(x)).toEqual([...expected]);
  });

  it('an update whose gradient is its parameter', async () => {
    const start = values(100, 3);
    const run = async (same: boolean): Promise<number[]> => {
      const [p, m, v] = [
        new State(tensor(start)),
        new State(zeros([100])),
        new State(zeros([100])),
      ];
      adamUpdate({
        parameters: [p],
        gradients: [same ? p.value : tensor(start)],
        firstMoments: [m],
        secondMoments: [v],
        step: new State(scalar(0, 'int32')),
        learningRate: 0.1,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
      });
      return read(p.value);
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('arrays without elements', async () => {
    const empty = zeros([0, 5]);
    expect(add(empty, 1).shape).toEqual([0, 5]);
    expect(await read(sum(empty, { axis: 0 }))).toEqual([0, 0, 0, 0, 0]);
    expect(await read(matmul(zeros([2, 0]), zeros([0, 3])))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(grad((x) => sum(mul(x, x)))(empty).shape).toEqual([0, 5]);
  });

  it('2^31 elements and more are refused', () => {
    const before = memory();
    const [column, row] = [full([65536, 1], 1), full([1, 65536], 1)];
    const wants: (() => Tensor)[] = [
      () => zeros([2 ** 31]),
      () => zeros([2 ** 32], 'bool'),
      () => add(column, row),
      () => greater(column, row),
      () => matmul(column, row),
      () => tile(column, [1, 65536]),
      () => broadcastTo(row, [65536, 65536]),
    ];
    for (const want of wants) {
      expect(want).toThrow(BackendError);
      expect(want).toThrow(
        /at most 2\^31 − 1 elements\. Received: (2147483648|4294967296) of \w+\. Divide it/,
      );
    }
    for (const t of [column, row]) t.dispose();
    expect(memory()).toEqual(before);
  });
});

it.runIf(addon)('the engine closes and opens again and again', async () => {
  for (let i = 0; i < 20; i++) {
    await use(cpu({ tier: 'native', threads: 1 + (i % 3) }));
    const before = memory().numTensors;
    const y = tidy(() => mul(full([1000], 2), 3));
    expect(await read(y)).toEqual(Array(1000).fill(6));
    y.dispose();
    expect(memory().numTensors).toBe(before);
    await closeBackends();
  }
});
