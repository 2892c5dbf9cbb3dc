// Complex tensors: what tfjs's kernels know of them, by the engine's own, against the same in plain numbers.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { agree, native, numbers, run } from './both.js';

/** A complex tensor of the shape, its parts disposed. */
function drawn(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tidy(() =>
    tf.complex(tf.tensor(numbers(size, seed), shape), tf.tensor(numbers(size, seed + 1), shape)),
  );
}

/** A tensor in pooled memory. */
const computed = (size: number, seed: number): tf.Tensor =>
  tf.tidy(() => tf.neg(tf.tensor(numbers(size, seed))));

/** Interleaved parts, which both lie in the engine's own memory. */
function read(x: tf.Tensor): number[] {
  const { real, imag } = native().partsOf(x);
  expect([real, imag].map((part) => part.dtype)).toEqual(['float32', 'float32']);
  return [...x.dataSync()];
}

/** f of every pair of elements, as interleaved parts. */
const each = (
  a: readonly number[],
  b: readonly number[],
  f: (a: number, b: number, c: number, d: number) => [number, number],
): number[] =>
  a.flatMap((re, i) => (i % 2 ? [] : f(re, a[i + 1]!, b[i % b.length]!, b[(i + 1) % b.length]!)));

const close = (actual: number[], expected: number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6));
};

describe.runIf(addon).each(isas as Isa[])('complex tensors on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(tf.engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it('share the memory of their parts, which lives as long as any of them', () => {
    const before = native().numDataIds();
    const [re, im] = [computed(50, 1), computed(50, 2)];
    const expected = [re, im].map((part) => [...part.dataSync()]);
    const z = tf.complex(re, im);
    expect(native().values(native().partsOf(z).real)).toBe(native().values(re));
    re.dispose();
    im.dispose();
    const [real, imag] = [tf.real(z), tf.imag(z)];
    const shaped = tf.reshape(z, [5, 10]);
    z.dispose();
    // What was handed back would be overwritten here.
    tf.dispose([3, 4, 5, 6].map((seed) => computed(50, seed)));
    expect([...real.dataSync()]).toEqual(expected[0]);
    expect([...imag.dataSync()]).toEqual(expected[1]);
    real.dispose();
    imag.dispose();
    expect(read(shaped)).toEqual(expected[0]!.flatMap((v, i) => [v, expected[1]![i]!]));
    const again = tf.real(shaped);
    expect(again.shape).toEqual([5, 10]);
    again.dispose();
    shaped.dispose();
    expect(native().numDataIds()).toBe(before);
  });

  it('give their memory back, and no parameter that shares it is written in place', () => {
    const x = computed(10, 1);
    expect(native().mayOverwrite(x)).toBe(true);
    const z = tf.complex(x, x);
    expect(native().mayOverwrite(x)).toBe(false);
    z.dispose();
    expect(native().mayOverwrite(x)).toBe(true);
    const { block } = native().data.get(x.dataId);
    x.dispose();
    expect(native().pool!.take('float32', 10)).toBe(block);
  });

  it.each([
    [[6], [6]],
    [[3, 5], [5]],
    [[2, 17], []],
    [[0, 3], [3]],
  ])('sums, differences and products of %j and %j', (left, right) => {
    const [a, b] = [drawn(left, 1), drawn(right, 3)];
    const [x, y] = [read(a), read(b)];
    close(
      read(tf.add(a, b)),
      each(x, y, (p, q, r, s) => [p + r, q + s]),
    );
    close(
      read(tf.sub(a, b)),
      each(x, y, (p, q, r, s) => [p - r, q - s]),
    );
    close(
      read(tf.mul(a, b)),
      each(x, y, (p, q, r, s) => [p * r - q * s, p * s + q * r]),
    );
  });

  it('casts, joins, zeros and ones', () => {
    const z = drawn([2, 3], 5);
    const values = read(z);
    expect([...tf.cast(z, 'float32').dataSync()]).toEqual(values.filter((_, i) => i % 2 === 0));
    expect([...tf.cast(z, 'int32').dataSync()]).toEqual(
      values.filter((_, i) => i % 2 === 0).map((v) => Math.trunc(v) + 0),
    );
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      expect(read(tf.cast(tf.tensor([0, 1, 1], [3], dtype), 'complex64'))).toEqual([
        0, 0, 1, 0, 1, 0,
      ]);
    }
    expect(read(tf.concat([z, z], 0))).toEqual([...values, ...values]);
    expect(tf.concat([z, z], 1).shape).toEqual([2, 6]);
    expect(read(tf.zerosLike(z))).toEqual(values.map(() => 0));
    expect(read(tf.onesLike(z))).toEqual(values.map((_, i) => 1 - (i % 2)));
    expect(read(tf.expandDims(z, 1))).toEqual(values);
  });

  it('magnitudes neither overflow nor vanish', () => {
    const cases = [
      [3, 4, 5],
      [1e30, 1e30, Math.SQRT2 * 1e30],
      [1e-30, 1e-30, Math.SQRT2 * 1e-30],
      [3e38, 3e38, Infinity],
      [0, -0, 0],
      [NaN, 1, NaN],
      [NaN, -Infinity, Infinity],
      [Infinity, NaN, Infinity],
    ];
    const [re, im] = [0, 1].map((at) => tf.tensor1d(cases.map((c) => c[at]!)));
    const y = tf.abs(tf.complex(re!, im!)).dataSync();
    expect([...y]).toEqual(cases.map((c) => Math.fround(c[2]!)));
    const z = drawn([3, 33], 7);
    const values = read(z);
    const expected = each(values, values, (p, q) => [Math.fround(Math.hypot(p, q)), 0]);
    expect([...tf.abs(z).dataSync()]).toEqual(expected.filter((_, i) => i % 2 === 0));
  });

  it('kernels of the same names still compute numbers', () => {
    const a = { shape: [5], values: numbers(5, 9) };
    agree('Add', { a, b: a });
    agree('Multiply', { a, b: a });
    agree('Concat', [a, a], { axis: 0 });
    agree('Cast', { x: a }, { dtype: 'int32' });
    expect(run('strata-cpu', 'OnesLike', { x: a }, {})[0]!.values).toEqual(
      new Float32Array(5).fill(1),
    );
  });
});
