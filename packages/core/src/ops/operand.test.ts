import { beforeAll, describe, expect, it } from 'vitest';
import { refuses } from '../../test/refusals.js';
import { testEngine } from '../../test/test-engine.js';
import { scalar, tensor } from '../create.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { memory } from '../memory.js';
import { Scalar } from '../state/scalar.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import {
  add,
  cast,
  clip,
  div,
  equal,
  floorDiv,
  greater,
  mod,
  mul,
  type Operand,
  pow,
  sub,
  where,
} from './index.js';

beforeAll(async () => void (await use(testEngine())));

async function read(t: Tensor): Promise<[string, number[]]> {
  return [t.dtype, Array.from((await t.data()) as Float32Array)];
}

describe('arguments of arithmetic', () => {
  it('have a common dtype', async () => {
    const f = tensor([1.5, -2.5]);
    const i = tensor([7, -7], [2], 'int32');
    const b = tensor([true, false]);
    expect(await read(add(i, i))).toEqual(['int32', [14, -14]]);
    expect(await read(add(i, f))).toEqual(['float32', [8.5, -9.5]]);
    expect(await read(add(i, 1))).toEqual(['int32', [8, -6]]);
    expect(await read(add(1.5, i))).toEqual(['float32', [8.5, -5.5]]);
    expect(await read(mul(i, new Scalar(2)))).toEqual(['float32', [14, -14]]);
    expect(await read(add(b, b))).toEqual(['int32', [2, 0]]);
    expect(await read(sub(b, 2))).toEqual(['int32', [-1, -2]]);
    expect(await read(mul(b, f))).toEqual(['float32', [1.5, -0]]);
    expect(await read(div(i, 2))).toEqual(['float32', [3.5, -3.5]]);
    expect(await read(floorDiv(i, 2))).toEqual(['int32', [3, -4]]);
    expect(await read(floorDiv(f, 2))).toEqual(['float32', [0, -2]]);
    expect(await read(floorDiv(tensor([1e10]), 2))).toEqual(['float32', [5e9]]);
    expect(await read(mod(i, 4))).toEqual(['int32', [3, 1]]);
    expect(await read(mod(tensor([5.5, -5.5]), -3))).toEqual(['float32', [-0.5, -2.5]]);
    expect(await read(pow(i, 2))).toEqual(['int32', [49, 49]]);
    expect(await read(add(1, 2))).toEqual(['float32', [3]]);
    expect(await read(add(scalar(1), new Scalar(0.5)))).toEqual(['float32', [1.5]]);
  });

  it('read a Scalar each time', async () => {
    const rate = new Scalar(2);
    const x = tensor([3]);
    expect(await mul(x, rate).array()).toEqual([6]);
    rate.value = 5;
    expect(await mul(rate, x).array()).toEqual([15]);
  });

  it('are compared across dtypes', async () => {
    const i = tensor([1, 2], [2], 'int32');
    expect(await read(equal(i, 1))).toEqual(['bool', [1, 0]]);
    expect(await read(greater(i, 1.5))).toEqual(['bool', [0, 1]]);
    expect(await read(equal(tensor([true, false]), tensor([true, true])))).toEqual([
      'bool',
      [1, 0],
    ]);
    expect(await read(equal(tensor(['a', 'b']), tensor(['a', 'c'])))).toEqual(['bool', [1, 0]]);
    expect(await read(equal(tensor([NaN]), tensor([NaN])))).toEqual(['bool', [0]]);
  });

  it('are chosen by where()', async () => {
    const yes = tensor([[true], [false]]);
    expect(await where(yes, tensor([1, 2]), -1).array()).toEqual([
      [1, 2],
      [-1, -1],
    ]);
    expect(await read(where(yes, 1, 0.5))).toEqual(['float32', [1, 0.5]]);
    expect(await read(where(yes, tensor([3], [1], 'int32'), 2))).toEqual(['int32', [3, 2]]);
  });

  it('leave no tensors behind', () => {
    const x = tensor([1, 2]);
    const i = tensor([1, 2], [2], 'int32');
    const before = memory().numTensors;
    const uses: [Operand, Operand][] = [
      [x, 2],
      [2, x],
      [x, new Scalar(1)],
      [i, x],
      [i, 0.5],
      [i, 1],
      [1, 2],
    ];
    for (const op of [add, pow, floorDiv, equal, greater]) {
      for (const [a, b] of uses) op(a, b).dispose();
    }
    const yes = tensor([true, false]);
    for (const [a, b] of uses) where(yes, a, b).dispose();
    yes.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('are refused when they do not go together', () => {
    const x = tensor([[1, 2, 3]]);
    refuses(() => add(x, tensor2()), ShapeError, 'add()', '[1, 3]', '[2]', 'reshape()');
    refuses(() => add(x, '1' as unknown as number), ShapeError, 'The argument b of add()', "'1'");
    refuses(
      () => sub(undefined as unknown as Tensor, x),
      ShapeError,
      'The argument a of sub()',
      'undefined',
    );
    refuses(() => mul(tensorOf(['a']), 2), ShapeError, 'string');
    refuses(() => mul(tensorOf(['a']), tensorOf(['b'])), ShapeError, 'takes numbers');
    refuses(() => where(x, 1, 2), ShapeError, 'bool', 'notEqual');
    refuses(
      () => clip(x, 0, '1' as unknown as number),
      ConfigError,
      'max of clip() is a number',
      "'1'",
    );
    refuses(() => clip(x, 2, 1), ConfigError, 'min ≤ max');
    refuses(() => clip(x, NaN, 1), ConfigError, 'NaN');
    const gone = tensor([1]);
    gone.dispose();
    refuses(() => add(gone, 1), BackendError, 'disposed');
    refuses(() => add(x, gone), BackendError, 'argument b of add()');
    const complex = cast(x, 'complex64');
    refuses(() => div(complex, 2), ShapeError, 'real numbers');
    refuses(() => equal(complex, 2), ShapeError, 'real numbers');
    complex.dispose();
  });
});

function tensor2(): Tensor {
  return tensorOf([1, 2]);
}

// Outside the count that refuses() takes.
function tensorOf(values: number[] | string[]): Tensor {
  return (cached[String(values)] ??= tensor(values));
}
const cached: Record<string, Tensor> = {};
beforeAll(() => void [[1, 2], ['a'], ['b']].forEach((v) => tensorOf(v as number[])));
