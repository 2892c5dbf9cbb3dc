// Kernels of the WASM tier on int32 and bool, against tfjs's JavaScript kernels.
import { closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import type { Operand } from './both.js';
import { agrees, onWasm } from './wasm.js';

beforeAll(() => use(cpu({ tier: 'wasm' })));
afterAll(closeBackends);

/** Neighbours of 2²⁴ and the ends of int32, which no float32 tells apart; the bits of a NaN. */
const numbers = [
  3, -7, 2, 16777217, -2147483648, 2147483647, 0, 16777216, 2143289345, -5, 65537, 2147483646, -1,
  -2147483647, 100, 4, 33, -33,
];
const truths = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0];

const integers = (...shape: number[]): Operand => cut('int32', numbers, shape);
const bools = (...shape: number[]): Operand => cut('bool', truths, shape);
const kinds = { int32: integers, bool: bools };
const indices = (shape: number[], ...values: number[]): Operand => ({
  shape,
  values,
  dtype: 'int32',
});

function cut(dtype: 'int32' | 'bool', from: readonly number[], shape: number[]): Operand {
  const size = shape.reduce((n, m) => n * m, 1);
  return { shape, values: from.slice(0, size), dtype };
}

function reversed({ shape, values, dtype }: Operand): Operand {
  return { shape, values: Array.from(values).reverse(), dtype: dtype! };
}

/** Equal to the last bit of an int32. */
function equals(...[kernel, inputs, attributes]: Parameters<typeof agrees>): void {
  agrees(kernel, inputs, attributes, 0);
}

describe.each(['int32', 'bool'] as const)('%s', (dtype) => {
  const of = kinds[dtype];

  it.each([
    'Ceil',
    'Floor',
    'IsFinite',
    'IsInf',
    'IsNan',
    'LogicalNot',
    'Neg',
    'OnesLike',
    'Relu',
    'Round',
    'Sign',
    'Sqrt',
    'Step',
    'ZerosLike',
  ])('%s', (kernel) => equals(kernel, { x: of(2, 9) }, { alpha: 0 }));

  it.each([
    'Add',
    'BitwiseAnd',
    'Equal',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'LogicalAnd',
    'LogicalOr',
    'Maximum',
    'Minimum',
    'NotEqual',
    'Sub',
  ])('%s', (kernel) => {
    for (const b of [reversed(of(2, 9)), of(9), of(1)]) equals(kernel, { a: of(2, 9), b });
  });

  it.each(['FloorDiv', 'Mod'])('%s', (kernel) => {
    const b = reversed(of(2, 9));
    equals(kernel, { a: of(2, 9), b: { ...b, values: Array.from(b.values, (v) => v || 5) } });
  });

  it.each([0, 1])('reductions along axis %i', (axis) => {
    for (const kernel of ['Max', 'Min', 'All', 'Any', 'ArgMax', 'ArgMin', 'Cumsum']) {
      const along = kernel.startsWith('A') && kernel !== 'All' && kernel !== 'Any' ? axis : [axis];
      equals(
        kernel,
        { x: of(2, 9) },
        {
          axis: kernel === 'Cumsum' ? axis : along,
          reductionIndices: [axis],
          keepDims: false,
          exclusive: false,
          reverse: false,
        },
      );
    }
  });

  it('moves elements', () => {
    equals('Transpose', { x: of(2, 9) }, { perm: [1, 0] });
    equals('Transpose', { x: of(2, 3, 3) }, { perm: [2, 0, 1] });
    equals('Tile', { x: of(2, 9) }, { reps: [2, 3] });
    equals('Reverse', { x: of(2, 9) }, { dims: [1] });
    equals('FlipLeftRight', { image: of(1, 2, 3, 3) });
    equals('Diag', { x: of(18) });
    equals('BatchToSpaceND', { x: of(4, 2, 2, 1) }, { blockShape: [2, 2], crops: zeros });
    equals('SpaceToBatchND', { x: of(1, 4, 4, 1) }, { blockShape: [2, 2], paddings: zeros });
    equals('DepthToSpace', { x: of(1, 2, 2, 4) }, { blockSize: 2, dataFormat: 'NHWC' });
    equals(
      'StridedSlice',
      { x: of(2, 9) },
      { begin: [0, 1], end: [2, 9], strides: [1, 2], ...masks },
    );
    for (const mode of ['reflect', 'symmetric']) {
      equals(
        'MirrorPad',
        { x: of(2, 9) },
        {
          mode,
          paddings: [
            [1, 1],
            [2, 3],
          ],
        },
      );
    }
    for (const constantValue of dtype === 'bool' ? [0, 1] : [1, 16777217, 2147483647]) {
      equals(
        'PadV2',
        { x: of(2, 9) },
        {
          constantValue,
          paddings: [
            [1, 2],
            [0, 3],
          ],
        },
      );
    }
  });

  it('picks and puts elements', () => {
    const rest = reversed(of(2, 9));
    equals(
      'GatherV2',
      { x: of(2, 9), indices: indices([4], 1, 8, 0, 3) },
      { axis: 1, batchDims: 0 },
    );
    equals('GatherNd', { params: of(2, 9), indices: indices([2, 2], 1, 8, 0, 3) });
    equals(
      'ScatterNd',
      { indices: indices([3, 1], 4, 1, 4), updates: of(3, 2) },
      { shape: [5, 2] },
    );
    const into = { tensor: of(2, 9), indices: indices([2, 1], 1, 0) };
    equals('TensorScatterUpdate', { ...into, updates: rest });
    const sparse = { sparseIndices: indices([3, 1], 4, 1, 3), sparseValues: of(3) };
    equals('SparseToDense', { ...sparse, defaultValue: of() }, { outputShape: [5] });
    equals('Select', { condition: bools(2, 9), t: of(2, 9), e: rest });
    equals('Select', { condition: bools(2), t: of(2, 9), e: rest });
    equals('TopK', { x: of(2, 9) }, { k: 3, sorted: true });
    const hot = { depth: 3, onValue: 1, offValue: 0, dtype };
    equals('OneHot', { indices: indices([4], 0, 2, 5, -1) }, hot);
  });

  it('counts', () => {
    const counted = { x: indices([4], 0, 2, 1, 2), weights: of(4) };
    equals('Bincount', counted, { size: 4 });
    equals('DenseBincount', counted, { size: 4, binaryOutput: false });
    const picked = { indices: indices([3], 0, 1, 1), segmentIds: indices([3], 0, 0, 1) };
    equals('SparseSegmentSum', { data: of(2, 9), ...picked });
  });
});

it('numbers of different dtypes go to JavaScript', () => {
  const sparse = { sparseIndices: indices([1, 1], 2), sparseValues: bools(1) };
  const defaultValue: Operand = { shape: [], values: [0.5] };
  equals('SparseToDense', { ...sparse, defaultValue }, { outputShape: [3] });
});

const zeros = [
  [0, 0],
  [0, 0],
];
const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

describe('int32 wraps modulo 2^32, which it does not with tfjs:', () => {
  const big = numbers.map(BigInt);
  const exponents = numbers.map((_, i) => BigInt(i % 7));
  const wholes = (values: readonly bigint[]): Operand => ({
    shape: [values.length],
    values: values.map(Number),
    dtype: 'int32',
  });
  const pairs = (b: readonly bigint[]): Record<string, Operand> => ({
    a: wholes(big),
    b: wholes(b),
  });
  const turned = big.toReversed();

  it.each<[string, Record<string, Operand>, bigint[]]>([
    ['Abs', { x: wholes(big) }, big.map((v) => (v < 0n ? -v : v))],
    ['Square', { x: wholes(big) }, big.map((v) => v * v)],
    ['Multiply', pairs(turned), big.map((a, i) => a * turned[i]!)],
    ['SquaredDifference', pairs(turned), big.map((a, i) => (a - turned[i]!) ** 2n)],
    ['Pow', pairs(exponents), big.map((a, i) => a ** exponents[i]!)],
  ])('%s', (kernel, inputs, expected) => {
    const [result] = onWasm(kernel, inputs);
    expect([...result!.values]).toEqual(expected.map((v) => Number(BigInt.asIntN(32, v))));
  });
});
