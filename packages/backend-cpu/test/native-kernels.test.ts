import { use, closeBackends } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { BROADCASTS } from './broadcasts.js';
import { agree, bools, integers, native, numbers, type Operand, operand, run } from './both.js';

// Lengths around the widths of registers and pieces, and values that have no ordinary result.
const LENGTHS = [0, 1, 3, 15, 16, 17, 63, 100, 40000];
const SPECIAL = [
  0, -0, 1, -1, 0.5, -0.5, 2, -3, 1e-40, -1e-40, 1e-10, 88, -88, 100, -100, 1e30, -1e30,
];
const ODD = [...SPECIAL, Infinity, -Infinity, NaN];

const FLOAT_UNARY = {
  exact: ['Abs', 'Neg', 'Sign', 'Square', 'Floor', 'Ceil', 'Round', 'Relu', 'Relu6', 'Reciprocal'],
  close: ['Sqrt', 'Rsqrt', 'Exp', 'Expm1', 'Log', 'Log1p', 'Tanh', 'Sin', 'Cos', 'Sigmoid'],
  other: ['Elu', 'Selu'],
};

const WHOLE_UNARY = ['Abs', 'Neg', 'Sign', 'Square', 'Floor', 'Ceil', 'Round', 'Relu', 'Relu6'];
const EXTREMES = [-(2 ** 31), 1 - 2 ** 31, -70_001, -3, -1, 0, 1, 2, 7, 99_991, 2 ** 31 - 1];

describe.runIf(addon).each(isas as Isa[])('native kernels on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(LENGTHS)('one tensor of %i elements', (n) => {
    for (const kernel of [...FLOAT_UNARY.exact, ...FLOAT_UNARY.other]) {
      agree(kernel, { x: operand([n], 1) }, {}, { tolerance: 3e-7 });
    }
    for (const kernel of FLOAT_UNARY.close) {
      const values = numbers(n, 2).map(/^(Sqrt|Rsqrt|Log)/.test(kernel) ? Math.abs : (x) => x);
      agree(kernel, { x: { shape: [n], values } }, {}, { tolerance: 4e-7 });
    }
    agree('LeakyRelu', { x: operand([n], 3) }, { alpha: 0.3 });
    agree('Step', { x: operand([n], 4) }, { alpha: 0.25 });
    agree('ClipByValue', { x: operand([n], 5) }, { clipValueMin: -0.5, clipValueMax: 1 });
    agree('EluGrad', { dy: operand([n], 6), y: operand([n], 7, 1) });
    for (const kernel of ['ZerosLike', 'OnesLike', 'Identity']) {
      for (const x of [operand([n], 9), integers([n], 9), bools([n], 9)]) agree(kernel, { x });
    }
  });

  it.each(LENGTHS)('whole numbers, %i of them', (n) => {
    const x = integers([n], 1, 20);
    const signed = { ...x, values: Array.from(x.values, (v) => v - 9) };
    for (const kernel of WHOLE_UNARY) agree(kernel, { x: signed });
    agree('Step', { x: signed }, { alpha: -2.5 });
    const ranges = [
      [-3, 4],
      [-2.5, 2.5],
      [0.5, 0.75],
      [-Infinity, 3],
      [-4, Infinity],
      [-(2 ** 40), 2 ** 40],
      [-0.5, 2 ** 31 - 1],
    ];
    for (const [clipValueMin, clipValueMax] of ranges) {
      agree('ClipByValue', { x: signed }, { clipValueMin, clipValueMax });
    }
    // Of these every number exceeds one.
    for (const [clipValueMin, clipValueMax] of [
      [3e9, 4e9],
      [-4e9, -3e9],
      [NaN, NaN],
    ]) {
      agree('ClipByValue', { x: signed }, { clipValueMin, clipValueMax }, { covered: false });
    }
  });

  it('whole numbers that overflow', () => {
    const wrapped = (x: bigint): number => Number(BigInt.asIntN(32, x));
    const expectWhole = (
      kernel: string,
      inputs: Record<string, Operand>,
      expected: bigint[],
    ): void => {
      const [result] = run('strata-cpu', kernel, inputs, {});
      expect(result!.pooled, kernel).toBe(true);
      expect([...result!.values], kernel).toEqual(expected.map(wrapped));
    };
    const x: Operand = { shape: [EXTREMES.length], values: EXTREMES, dtype: 'int32' };
    const big = EXTREMES.map(BigInt);
    expectWhole(
      'Abs',
      { x },
      big.map((v) => (v < 0n ? -v : v)),
    );
    expectWhole(
      'Neg',
      { x },
      big.map((v) => -v),
    );
    expectWhole(
      'Square',
      { x },
      big.map((v) => v * v),
    );
    const pairs = big.flatMap((a) => big.map((b) => [a, b] as const));
    const side = (i: 0 | 1, of = pairs): Operand => ({
      shape: [of.length],
      values: of.map((pair) => Number(pair[i])),
      dtype: 'int32',
    });
    const both = { a: side(0), b: side(1) };
    expectWhole(
      'Multiply',
      both,
      pairs.map(([a, b]) => a * b),
    );
    expectWhole(
      'SquaredDifference',
      both,
      pairs.map(([a, b]) => (a - b) ** 2n),
    );
    expectWhole(
      'RealDiv',
      both,
      pairs.map(([a, b]) => (b === 0n ? 0n : a / b)),
    );
    const powers = big.flatMap((a) =>
      [0n, 1n, 2n, 5n, 31n, 32n, 33n, 1000n].map((b) => [a, b] as const),
    );
    expectWhole(
      'Pow',
      { a: side(0, powers), b: side(1, powers) },
      powers.map(([a, b]) => a ** b),
    );
    const fractions = [1, -1, -1, 2, -2, 0].map(
      (a, i) => [BigInt(a), BigInt(i === 2 ? -2 : -3)] as const,
    );
    expectWhole('Pow', { a: side(0, fractions), b: side(1, fractions) }, [1n, -1n, 1n, 0n, 0n, 0n]);
  });

  it('values without an ordinary result', () => {
    const x = { shape: [ODD.length], values: ODD };
    for (const kernel of [...FLOAT_UNARY.exact, ...FLOAT_UNARY.other]) {
      agree(kernel, { x }, {}, { tolerance: 3e-7 });
    }
    // sin of 1e30 hangs on the reduction of its argument, and tfjs's softplus flattens out.
    for (const kernel of FLOAT_UNARY.close.filter((name) => !/Sin|Cos/.test(name))) {
      agree(kernel, { x }, {}, { tolerance: 4e-7, floor: 1e-38 });
    }
    agree('LeakyRelu', { x }, { alpha: 0.3 });
    agree('Step', { x }, { alpha: 0.25 });
    agree('ClipByValue', { x }, { clipValueMin: -0.5, clipValueMax: 1 });
  });

  it.each(BROADCASTS)('%j with %j', (left, right) => {
    const [a, b] = [operand(left, 1), operand(right, 2)];
    const exact = { tolerance: 0 };
    for (const kernel of ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum']) {
      agree(kernel, { a, b }, {}, exact);
    }
    agree('SquaredDifference', { a, b }, {}, { tolerance: 3e-7 });
    agree('Atan2', { a, b }, {}, { tolerance: 3e-7 });
    agree('Mod', { a, b }, {}, { tolerance: 0 });
    agree('Prelu', { x: a, alpha: b });
    agree('Pow', { a: { ...a, values: numbers(a.values.length, 3).map(Math.abs) }, b });
    const [i, j] = [integers(left, 4, 5), integers(right, 5, 5)];
    for (const kernel of ['Add', 'Sub', 'Multiply', 'Maximum', 'Minimum']) {
      agree(kernel, { a: i, b: j }, {}, exact);
    }
    const signed = (x: typeof i): typeof i => ({
      ...x,
      values: Array.from(x.values, (v) => v - 2),
    });
    const whole = ['FloorDiv', 'Mod', 'BitwiseAnd', 'RealDiv', 'SquaredDifference', 'Pow'];
    for (const kernel of whole) agree(kernel, { a: signed(i), b: signed(j) }, {}, exact);
  });

  it('pairs of values without an ordinary result', () => {
    const pairs = ODD.flatMap((x) => ODD.map((y) => [x, y] as const));
    const shape = [pairs.length];
    const a = { shape, values: pairs.map(([x]) => x) };
    const b = { shape, values: pairs.map(([, y]) => y) };
    const binary = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Equal', 'Less'];
    for (const kernel of [...binary, 'GreaterEqual', 'NotEqual']) agree(kernel, { a, b });
    agree('Atan2', { a, b }, {}, { tolerance: 3e-7, floor: 1e-38 });
    agree('Mod', { a, b }, {}, { tolerance: 0 });
    const extremes = [-(2 ** 31), -1, 0, 1, 7, 2 ** 31 - 1];
    const whole = (values: number[]): Operand => ({ shape: [36], values, dtype: 'int32' });
    const left = whole(extremes.flatMap((x) => extremes.map(() => x)));
    const right = whole(extremes.flatMap(() => extremes));
    for (const kernel of ['FloorDiv', 'Mod', 'BitwiseAnd']) agree(kernel, { a: left, b: right });
    agree('Prelu', { x: a, alpha: b });
    agree('Pow', { a, b }, {}, { tolerance: 1e-6, floor: 1e-38 });
  });

  it.each([2, -1, 0.5, 3, 0, 1.5])('the power %d', (exponent) => {
    const values = numbers(50, 1).map((x) => Math.abs(x) + 0.1);
    const b = { shape: [], values: [exponent] };
    agree('Pow', { a: { shape: [5, 10], values }, b }, {}, { tolerance: 3e-7 });
  });

  it.each(LENGTHS)('casts of %i elements', (n) => {
    const far = Float32Array.of(3e9, -3e9, 1e15, 1e19, -1e30, Infinity, NaN, 0.99, -0.99, -0);
    const floats = operand([n], 1, 100);
    const sources = [floats, integers([n], 2), bools([n], 3), { shape: [far.length], values: far }];
    for (const x of sources) {
      for (const dtype of ['float32', 'int32', 'bool']) {
        agree('Cast', { x }, { dtype });
      }
    }
  });

  it('sums of many', () => {
    for (const count of [1, 2, 3, 5]) {
      const list = Array.from({ length: count }, (_, i) => operand([3, 700], i));
      agree('AddN', list, {}, { tolerance: 1e-7, floor: 1 });
    }
  });

  it('constants', () => {
    for (const dtype of ['float32', 'int32', 'bool', undefined]) {
      agree('Fill', {}, { shape: [3, 5], value: 1, dtype });
      agree('Fill', {}, { shape: [0, 5], value: 1, dtype });
    }
    agree('Fill', {}, { shape: [], value: true });
  });
});
