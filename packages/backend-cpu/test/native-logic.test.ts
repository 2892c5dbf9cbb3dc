import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, bools, integers, native, type Operand, operand, run, sizeOf } from './both.js';
import { BROADCASTS } from './broadcasts.js';

const COMPARISONS = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'];
const LENGTHS = [0, 1, 3, 15, 16, 17, 63, 100, 40000];
const ODD = [0, -0, 1, -1, 1e-40, -1e-40, 1e30, Infinity, -Infinity, NaN];

type Shape = readonly number[];
type Make = (shape: Shape, seed: number) => Operand;

/** Of three shapes that broadcast: condition, t, e. */
const CHOICES: readonly (readonly [Shape, Shape, Shape])[] = [
  ...BROADCASTS.flatMap(([a, b]) => [[a, b, b] as const, [b, a, b] as const, [a, a, b] as const]),
  [[5, 1, 1], [7, 1], [3]],
  [[], [40, 50], []],
  [[4, 1], [3], [2, 1, 1]],
  [[1000, 3], [3], [1000, 1]],
  [[2, 0, 3], [3], []],
];

/** condition ? t : e as NumPy has it, element by element. */
function chosen(condition: Operand, t: Operand, e: Operand): { shape: number[]; values: number[] } {
  const all = [condition, t, e];
  const rank = Math.max(...all.map((x) => x.shape.length));
  const sizes = (x: Operand): number[] => [...Array(rank - x.shape.length).fill(1), ...x.shape];
  const shape = Array.from({ length: rank }, (_, d) => {
    const along = all.map((x) => sizes(x)[d]!);
    return along.includes(0) ? 0 : Math.max(...along);
  });
  const at = (x: Operand, index: number[]): number =>
    x.values[sizes(x).reduce((n, size, d) => n * size + (size === 1 ? 0 : index[d]!), 0)]!;
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => {
    const index: number[] = [];
    for (let d = rank - 1, rest = i; d >= 0; rest = Math.floor(rest / shape[d]!), d--) {
      index[d] = rest % shape[d]!;
    }
    return at(condition, index) ? at(t, index) : at(e, index);
  });
  return { shape, values };
}

describe.runIf(addon).each(isas as Isa[])('logic on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(BROADCASTS)('%j with %j', (left, right) => {
    for (const make of [operand, integers, bools] as Make[]) {
      for (const kernel of COMPARISONS) agree(kernel, { a: make(left, 4), b: make(right, 5) });
    }
    for (const kernel of ['LogicalAnd', 'LogicalOr']) {
      agree(kernel, { a: bools(left, 6), b: bools(right, 7) });
    }
  });

  it('comparisons of values without an ordinary result', () => {
    const pairs = ODD.flatMap((x) => ODD.map((y) => [x, y] as const));
    const a = { shape: [pairs.length], values: pairs.map(([x]) => x) };
    const b = { shape: [pairs.length], values: pairs.map(([, y]) => y) };
    for (const kernel of COMPARISONS) agree(kernel, { a, b });
    for (const kernel of ['IsNan', 'IsInf', 'IsFinite']) agree(kernel, { x: a });
  });

  it.each(LENGTHS)('%i elements', (n) => {
    agree('LogicalNot', { x: bools([n], 8) });
    for (const x of [operand([n], 1), integers([n], 2), bools([n], 3)]) {
      for (const kernel of ['IsNan', 'IsInf', 'IsFinite']) agree(kernel, { x });
      agree('Select', { condition: bools([n], 4), t: x, e: { ...x, values: x.values } });
    }
  });

  it.each(CHOICES)('%j chooses from %j and %j', (...shapes) => {
    for (const make of [operand, integers, bools] as Make[]) {
      const condition = bools(shapes[0], 1);
      const [t, e] = [make(shapes[1], 2), make(shapes[2], 3)];
      const [result] = run('strata-cpu', 'Select', { condition, t, e }, {});
      expect(result!.pooled).toBe(true);
      expect(result!.dtype).toBe(t.dtype ?? 'float32');
      const { shape, values } = chosen(condition, t, e);
      expect({ shape: result!.shape, values: [...result!.values] }).toEqual({ shape, values });
    }
  });

  it('a vector of conditions chooses rows', () => {
    // tfjs's own kernel takes all of a row from the element of the row's number, which is right for [4, 1].
    for (const shape of [
      [4, 1],
      [4, 4],
      [4, 3, 70],
      [1, 5],
    ]) {
      const [rows, ...rest] = shape as [number, ...number[]];
      const [t, e] = [operand(shape, 2), operand(shape, 3)];
      const condition = bools([rows], 1);
      const [result] = run('strata-cpu', 'Select', { condition, t, e }, {});
      const column = { ...condition, shape: [rows, ...rest.map(() => 1)] };
      expect(result!.pooled).toBe(true);
      expect([...result!.values]).toEqual(chosen(column, t, e).values);
    }
    const column = { t: operand([4, 1], 2), e: operand([4, 1], 3) };
    agree('Select', { condition: bools([4], 1), ...column });
  });

  it('has the same bits on one thread and on four', () => {
    const [rows, columns] = [301, 997];
    const n = rows * columns;
    const condition = Uint8Array.from(bools([rows], 1).values);
    const a = Float32Array.from(operand([rows, columns], 2).values);
    const b = Float32Array.from(operand([columns], 3).values);
    // From the innermost axis outwards: a and b along the columns, the condition and a along the rows.
    const plan = Int32Array.of(2, columns, 2 | 4, rows, 1 | 2);
    const pair = Int32Array.of(2, columns, 1 | 2, rows, 1);
    const results = [1, 4].map((threads) => {
      addon!.setThreads(threads);
      const [chosenOnes, less] = [new Float32Array(n), new Uint8Array(n)];
      kernelsOf(isa)['select']!(condition, a, b, chosenOnes, n, plan);
      kernelsOf(isa)['less']!(a, b, less, n, pair);
      return [chosenOnes, less];
    });
    expect(results[1]).toEqual(results[0]);
    expect(
      results[0]![0]!.every(
        (y, i) => y === (condition[Math.floor(i / columns)] ? a[i] : b[i % columns]),
      ),
    ).toBe(true);
    expect(results[0]![1]!.every((y, i) => y === Number(a[i]! < b[i % columns]!))).toBe(true);
  });

  it('guards memory', () => {
    const { select, logicalAnd } = kernelsOf(isa);
    const [three, bytes] = [new Float32Array(3), new Uint8Array(3)];
    expect(() => select!(bytes, three, three, new Float32Array(2), 3)).toThrow(
      /at least 3 elements/,
    );
    expect(() => select!(bytes, three, new Int32Array(3), three, 3)).toThrow();
    expect(() => select!(bytes, three, three, three, 3, Int32Array.of(1, 4, 7))).toThrow(
      /4 elements of 3|covers/,
    );
    expect(() => logicalAnd!(bytes, three, bytes, 3)).toThrow();
  });
});
