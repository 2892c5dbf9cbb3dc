import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Storage } from './storage.js';
import { wholeNumberKernels } from './whole-numbers.js';

const backend = new MathBackendCPU();
(backend as unknown as { firstUse: boolean }).firstUse = false;

const whole = (values: readonly number[], shape: readonly number[] = [values.length]): TensorInfo =>
  backend.makeTensorInfo([...shape], 'int32', Int32Array.from(values));

function result(name: string, inputs: Record<string, TensorInfo>, attrs: object = {}): TensorInfo {
  return wholeNumberKernels[name]!(inputs, { ...attrs }, backend as unknown as Storage)!;
}
const read = (t: TensorInfo): number[] => [...(backend.readSync(t.dataId) as Int32Array)];

/** What 2^32 leaves of a whole number. */
const wrapped = (x: bigint): number => Number(BigInt.asIntN(32, x));

const EXTREMES = [
  -(2 ** 31),
  -(2 ** 31) + 1,
  -70_001,
  -46_341,
  -3,
  -1,
  0,
  1,
  2,
  7,
  99_991,
  2 ** 31 - 1,
];
const PAIRS = EXTREMES.flatMap((a) => EXTREMES.map((b) => [a, b] as const));

it.each<[string, (a: bigint, b: bigint) => bigint]>([
  ['Multiply', (a, b) => a * b],
  ['SquaredDifference', (a, b) => (a - b) ** 2n],
])('%s wraps modulo 2^32', (kernel, f) => {
  const inputs = { a: whole(PAIRS.map(([a]) => a)), b: whole(PAIRS.map(([, b]) => b)) };
  expect(read(result(kernel, inputs))).toEqual(
    PAIRS.map(([a, b]) => wrapped(f(BigInt(a), BigInt(b)))),
  );
});

it.each<[string, (x: bigint) => bigint]>([
  ['Square', (x) => x * x],
  ['Abs', (x) => (x < 0n ? -x : x)],
])('%s wraps modulo 2^32', (kernel, f) => {
  expect(read(result(kernel, { x: whole(EXTREMES) }))).toEqual(
    EXTREMES.map((x) => wrapped(f(BigInt(x)))),
  );
});

it('powers wrap modulo 2^32', () => {
  const exponents = [0, 1, 2, 3, 5, 11, 31, 32, 33, 64, 1000];
  const pairs = EXTREMES.flatMap((a) => exponents.map((b) => [a, b] as const));
  const inputs = { a: whole(pairs.map(([a]) => a)), b: whole(pairs.map(([, b]) => b)) };
  expect(read(result('Pow', inputs))).toEqual(
    pairs.map(([a, b]) => wrapped(BigInt(a) ** BigInt(b))),
  );
});

it('negative powers lose their fraction', () => {
  const inputs = {
    a: whole([1, -1, -1, 2, -2, 0, 5]),
    b: whole([-3, -3, -2, -1, -1, -1, -(2 ** 31)]),
  };
  expect(read(result('Pow', inputs))).toEqual([1, -1, 1, 0, 0, 0, 0]);
});

it.each([
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [[0, 3], [3]],
  [[], []],
])('%j and %j broadcast as with tfjs', (left, right) => {
  const make = (shape: number[], first: number): TensorInfo =>
    whole(
      Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => first + i),
      shape,
    );
  const inputs = { a: make(left, 2), b: make(right, 1) };
  for (const kernel of ['Multiply', 'SquaredDifference', 'Pow']) {
    const { kernelFunc } = getKernel(kernel, 'cpu');
    const expected = kernelFunc({ inputs, attrs: {}, backend } as never) as TensorInfo;
    const actual = result(kernel, inputs);
    expect(actual.shape).toEqual(expected.shape);
    expect(read(actual)).toEqual(read(expected));
  }
});

it.each([
  [[5], 0],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[2, 3, 4], 1],
  [
    [2, 3],
    [0, 1],
  ],
  [[2, 0], 1],
  [[3], []],
])('the product of %j along %j', (shape, axis) => {
  const size = shape.reduce((n, d) => n * d, 1);
  const x = whole(
    Array.from({ length: size }, (_, i) => (i % 5) - 2),
    shape,
  );
  for (const keepDims of [false, true]) {
    const attrs = { axis, keepDims };
    const expected = getKernel('Prod', 'cpu').kernelFunc({
      inputs: { x },
      attrs,
      backend,
    } as never) as TensorInfo;
    const actual = result('Prod', { x }, attrs);
    expect(actual.shape).toEqual(expected.shape);
    expect(read(actual)).toEqual(read(expected));
  }
});

it('products wrap modulo 2^32', () => {
  const factors = [99_991, -70_001, 123_457, 31];
  expect(read(result('Prod', { x: whole(factors) }, { axis: 0 }))).toEqual([
    wrapped(factors.map(BigInt).reduce((a, b) => a * b)),
  ]);
});

it('leaves other dtypes to tfjs', () => {
  const x = backend.makeTensorInfo([1], 'float32', Float32Array.of(1));
  for (const [name, kernel] of Object.entries(wholeNumberKernels)) {
    const of = { x, a: x, b: x };
    expect(kernel(of, { axis: 0 }, backend as unknown as Storage), name).toBeUndefined();
  }
});
