import { beforeAll, describe, expect, it } from 'vitest';
import { refuses } from '../test/refusals.js';
import { testEngine } from '../test/test-engine.js';
import {
  arange,
  constant,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  scalar,
  tensor,
  zeros,
  zerosLike,
} from './create.js';
import { BackendError, ConfigError, ShapeError } from './errors.js';
import { memory } from './memory.js';
import { Scalar } from './state/scalar.js';
import type { NestedArray, TensorLike } from './tensor.js';
import { use } from './use.js';

it('names the remedy when no engine was chosen', () => {
  expect(() => tensor([1])).toThrow(BackendError);
  expect(() => zeros([2])).toThrow('await use(');
});

describe('with an engine', () => {
  beforeAll(async () => void (await use(testEngine())));

  it('infers shape and dtype', async () => {
    const cases: [TensorLike, number[], string][] = [
      [3, [], 'float32'],
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [3, 2],
        'float32',
      ],
      [[true, false], [2], 'bool'],
      [['a', 'b'], [2], 'string'],
      [[], [0], 'float32'],
      [[[], []], [2, 0], 'float32'],
      [new Float32Array(2), [2], 'float32'],
      [new Float64Array(2), [2], 'float32'],
      [new Int32Array(2), [2], 'int32'],
      [new Uint8Array(2), [2], 'int32'],
      [new Uint8ClampedArray(2), [2], 'int32'],
    ];
    for (const [values, shape, dtype] of cases) {
      const t = tensor(values);
      expect([t.shape, t.dtype]).toEqual([shape, dtype]);
      expect(t.size).toBe(shape.reduce((a, b) => a * b, 1));
    }
    expect(
      await tensor([
        [1, 2],
        [3, 4],
      ]).array(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await tensor(['é', 'b']).data()).toEqual(['é', 'b']);
    expect(await tensor([1.5, 0, -2], [3], 'bool').data()).toEqual(Uint8Array.of(1, 0, 1));
    expect(await tensor([1.9, -1.9], [2], 'int32').data()).toEqual(Int32Array.of(1, -1));
    expect(await tensor([true, 2], [2], 'float32').data()).toEqual(Float32Array.of(1, 2));
  });

  it('copies what it is given', async () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const t = tensor(values, [2, 2]);
    const c = constant(values.subarray(1, 3));
    values.fill(9);
    expect(await t.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await c.array()).toEqual([2, 3]);
    const shape = [2];
    const s = tensor([1, 2], shape);
    shape[0] = 7;
    expect(s.shape).toEqual([2]);
  });

  it('refuses values that are no array of numbers', () => {
    refuses(() => tensor([[1, 2], [3]]), ShapeError, 'ragged', 'values[1] is an array of 1');
    refuses(() => tensor([[1, 2], 3] as NestedArray), ShapeError, 'values[1] is number 3');
    refuses(() => tensor([1, [2]]), ShapeError, 'values[1] is an array where');
    refuses(
      () =>
        tensor([
          [[1], [2]],
          [[3], []],
        ]),
      ShapeError,
      'values[1][1]',
    );
    refuses(() => tensor([1, 'a']), ShapeError, "'a' at element 1 of a float32 tensor");
    refuses(() => tensor(['a', 1]), ShapeError, 'number 1 at element 1 of a string tensor');
    refuses(() => tensor([1, null] as unknown as TensorLike), ShapeError, 'values[1] is null');
    refuses(() => tensor([1, undefined] as unknown as TensorLike), ShapeError, 'values[1]');
    refuses(() => tensor(undefined as unknown as TensorLike), ShapeError, 'undefined');
    refuses(() => tensor({ a: 1 } as unknown as TensorLike), ShapeError, 'object');
    refuses(() => tensor(new BigInt64Array(1) as unknown as TensorLike), ShapeError, 'bigint');
    refuses(() => tensor(new Float32Array(5), [2, 3]), ShapeError, '5 values', '[2, 3]', '6');
    refuses(() => tensor([1, 2], [-2] as number[]), ShapeError, '[-2]');
    refuses(
      () => tensor([1, 2], [2], 'float23' as 'float32'),
      ConfigError,
      "Did you mean 'float32'?",
    );
    refuses(() => tensor([1], [1], 'complex64'), ConfigError, 'cast()');
    const t = tensor([1]);
    refuses(() => tensor(t as unknown as TensorLike), ShapeError, 'tensor already');
    refuses(() => scalar([1] as unknown as number), ShapeError, 'tensor()');
  });

  it('fills', async () => {
    expect(await zeros([2]).array()).toEqual([0, 0]);
    expect(await ones([1, 2], 'int32').array()).toEqual([[1, 1]]);
    expect(ones([2], 'int32').dtype).toBe('int32');
    expect(await full([2], new Scalar(0.5)).array()).toEqual([0.5, 0.5]);
    expect(await full([2], 7, 'bool').data()).toEqual(Uint8Array.of(1, 1));
    expect(full([0, 3], 1).shape).toEqual([0, 3]);
    expect(await full([], 2).array()).toBe(2);
    expect(await scalar(new Scalar(3)).array()).toBe(3);
    expect(await scalar(true).data()).toEqual(Uint8Array.of(1));
    const x = tensor([[1, 2]], [1, 2], 'int32');
    expect([zerosLike(x).dtype, onesLike(x).dtype]).toEqual(['int32', 'int32']);
    expect(await onesLike(x).array()).toEqual([[1, 1]]);
    refuses(() => zeros([1.5]), ShapeError, '[1.5]');
    refuses(() => zeros(3 as unknown as number[]), ShapeError, 'number 3');
    refuses(() => full([1], 1, 'string'), ConfigError, 'tensor()');
    refuses(() => full([1], 1, 'half' as 'bool'), ConfigError, "'half'");
    refuses(() => full([1], 'x' as unknown as number), ConfigError, "'x'");
  });

  it('counts and divides', async () => {
    expect(await arange(3).data()).toEqual(Int32Array.of(0, 1, 2));
    expect(await arange(5, 0, -2).data()).toEqual(Int32Array.of(5, 3, 1));
    expect(await arange(0, 1, 0.25).data()).toEqual(Float32Array.of(0, 0.25, 0.5, 0.75));
    expect(await arange(0, 3, 1, 'float32').data()).toEqual(Float32Array.of(0, 1, 2));
    expect(arange(3, 1).shape).toEqual([0]);
    expect(await linspace(0, 1, 5).data()).toEqual(Float32Array.of(0, 0.25, 0.5, 0.75, 1));
    expect(await linspace(2, 9, 1).data()).toEqual(Float32Array.of(2));
    expect(await linspace(0, 0.7, 8).data()).toEqual(
      Float32Array.from({ length: 8 }, (_, i) => (i === 7 ? 0.7 : (0.7 * i) / 7)),
    );
    expect(await eye(2, 3).array()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    refuses(() => arange(0, 3, 0), ConfigError, 'step');
    refuses(() => arange(0, Infinity), ConfigError, 'Infinity');
    refuses(() => linspace(0, 1, 0), ConfigError, 'number 0');
    refuses(() => eye(-1), ConfigError, '-1');
  });

  it('makes one tensor each', () => {
    const before = memory().numTensors;
    const made = [
      tensor([1]),
      zeros([2]),
      scalar(1),
      arange(3),
      linspace(0, 1, 2),
      eye(2),
      zeros([1], 'complex64'),
    ];
    // A complex tensor holds two.
    expect(memory().numTensors - before).toBe(made.length);
    for (const t of made) t.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
