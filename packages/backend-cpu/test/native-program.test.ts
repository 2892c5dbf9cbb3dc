// The addon's programs, called directly: code that is none, buffers that are too short, groups in blocks.
import { describe, expect, it } from 'vitest';
import { addon, isas, values } from './addon.js';

const [CALL, GROUP, FOLLOWING] = [0, 1, 2];
const [NUMBER, LATE, ARRAY, PART, OWN, COUNT, PLAN] = [1, 2, 3, 4, 5, 6, 7];
const FLOATS = 2;
const names = ['relu', 'leakyRelu', 'add', 'gather'];
const none = new Float64Array(0);
const words = (...parts: number[][]): number[] => parts.flat();

const program = (
  code: number[],
  isa = isas[0]!,
): ReturnType<NonNullable<typeof addon>['program']> =>
  addon!.program(isa, names, Float64Array.from(code));
/** relu of so many elements of buffer 0 into buffer 1. */
const reluOf = (n: number): number[] =>
  words([CALL, 0, 3, ARRAY, FLOATS, 0, 0, n], [ARRAY, FLOATS, 1, 0, n, NUMBER, n]);

describe.runIf(addon)('a native program', () => {
  it('is refused where its code is none, with the reason', () => {
    const refused = (code: number[], why: string): void =>
      expect(() => program(code)).toThrow(`this is not a program: ${why}`);
    refused([], 'it ends too early');
    refused([2], 'it ends too early');
    refused([2, 0, FOLLOWING], 'it ends too early');
    refused([2, 0, FOLLOWING, 0, 0], 'it ends too early');
    refused([2, 0, 3], 'a number is out of range');
    refused([2, 0, CALL, 4, 0], 'a number is out of range');
    refused([2, 0, CALL, 0, 1e9], 'a number is out of range');
    refused([2, 0, CALL, 0, 1, ARRAY, FLOATS, 2, 0, 4], 'a number is out of range');
    refused([2, 0, CALL, 0, 1, ARRAY, NUMBER, 1, 0, 4], 'an array of no kind');
    refused([2, 0, CALL, 0, 1, LATE, 0], 'a number is out of range');
    refused([2, 0, CALL, 0, 1, PART, FLOATS, 0, 0, 1], 'a number is out of range');
    refused([2, 0, GROUP, 0, 1, 1, 1, 0, 1], 'a group without rows');
    refused([2, 0, GROUP, 1, 0, 1, 1, 0, 1], 'a group without rows');
    refused([2, 0, GROUP, 1, 1, 1, 1, 0, 0], 'a group without rows or calls');
    refused([2, 0, -1], 'a number is out of range');
    refused([2, 0, 0.5], 'a number is out of range');
    expect(() => addon!.program(isas[0]!, ['nonsense'], none)).toThrow('names a kernel');
    expect(() => addon!.program(isas[0]!, 7 as never, none)).toThrow('an array of names');
    expect(() => addon!.program('sse9', names, none)).toThrow('this processor runs');
  });

  it('refuses a run without its buffers, and reads nothing behind their ends', () => {
    const run = program([2, 0, ...reluOf(100)]);
    const [x, y] = [values(100, 1), new Float32Array(100)];
    for (const buffers of [[], [x], 7, [x, 'no'], [x, new Float64Array(100)]])
      expect(() => run(buffers as never, none)).toThrow('an array of its buffers');
    expect(() => run([x, y], [] as never)).toThrow('an array of its buffers');
    expect(() => program([2, 3, ...reluOf(100)])([x, y], new Float64Array(2))).toThrow('buffers');
    const short = expect.objectContaining({
      code: 'STRATA_BAD_ARGUMENT',
      call: 0,
      message: 'an array of a program is shorter than it was when the program was made',
    });
    expect(() => run([x.subarray(1), y], none)).toThrow(short);
    expect(() => run([x, y.subarray(1)], none)).toThrow(short);
    run([x, y], none);
    expect(y).toEqual(x.map((v) => Math.max(v, 0)));
  });

  it('says which call failed, with the code of its kernel', () => {
    const [rows, n] = [5, 3];
    const pick = words(
      [CALL, 3, 9, ARRAY, FLOATS, 0, 0, rows, ARRAY, 3, 1, 0, n, ARRAY, FLOATS, 2, 0, n],
      [1, 1, rows, 1, n].flatMap((v) => [NUMBER, v]),
      [0],
    );
    const first = [CALL, 0, 3, ARRAY, FLOATS, 0, 0, rows, ARRAY, FLOATS, 0, 0, rows, NUMBER, rows];
    const run = program([3, 0, ...first, ...pick]);
    const failing = (): void =>
      run([values(rows, 2), Int32Array.of(0, 9, 1), new Float32Array(n)], none);
    expect(failing).toThrow(expect.objectContaining({ code: 'STRATA_INDEX', call: 1 }));
  });

  it.each(isas)('runs a group block by block, with the bits of whole calls, on %s', (isa) => {
    const kernels = addon!.kernels(isa);
    for (const [rows, perRow] of [
      [1, 1],
      [7, 1],
      [1000, 1],
      [13, 5],
      [301, 17],
      [70, 100],
    ] as const) {
      const n = rows * perRow;
      const [x, bias] = [values(n, 3), values(perRow, 4)];
      const plan = perRow === 1 ? Int32Array.of(1, n, 1) : Int32Array.of(2, perRow, 3, rows, 1);
      const expected = new Float32Array(n);
      kernels['add']!(x, bias, expected, n, plan);
      kernels['leakyRelu']!(expected, expected, n, 0.3);
      for (const blockRows of [1, 2, 64, rows]) {
        const y = new Float32Array(n);
        const run = program(
          words(
            [4, 1, GROUP, rows, perRow, blockRows, 1, blockRows * perRow * 4, 2],
            [2, 5, PART, FLOATS, 0, 0, perRow, ARRAY, FLOATS, 1, 0, perRow],
            [OWN, FLOATS, 0, perRow, COUNT, perRow, PLAN, 3, 0, plan.length, 1],
            [1, 4, OWN, FLOATS, 0, perRow, PART, FLOATS, 2, 0, perRow, COUNT, perRow, LATE, 0],
          ),
          isa,
        );
        for (const threads of [1, 3]) {
          addon!.setThreads(threads);
          run([x, bias, y.fill(0), plan], Float64Array.of(0.3));
          expect(y).toEqual(expected);
        }
      }
    }
  });

  it.each(isas)('runs a group on rows of a product as they come, on %s', (isa) => {
    const kernels = addon!.kernels(isa);
    for (const [m, n, k] of [
      [1, 1, 1],
      [300, 17, 40],
      [2, 40, 100],
      [1000, 3, 20],
      [90, 700, 30],
      [30, 20, 9000],
      [700, 64, 400],
      [5, 8, 0],
    ] as const) {
      const size = m * n;
      const [a, b, other] = [values(m * k, 1), values(k * n, 2), values(size, 3)];
      const sizes = Int32Array.of(m, n, k, 0, 0, 0, 1, 1, 1);
      const product = new Float32Array(size);
      kernels['matmul']!(a, b, null, product, sizes);
      const expected = new Float32Array(size);
      kernels['add']!(product, other, expected, size, null);
      kernels['relu']!(expected, expected, size);
      // Rows of the group: of the product, single elements, and such as no row of the product consists of.
      for (const each of [n, 1, size]) {
        const rows = size / each;
        const [y, z] = [new Float32Array(size), new Float32Array(size)];
        const run = addon!.program(
          isa,
          ['matmul', 'add', 'relu'],
          Float64Array.from(
            words(
              [6, 0, FOLLOWING, 0, 5, ARRAY, FLOATS, 0, 0, m * k, ARRAY, FLOATS, 1, 0, k * n],
              [0, ARRAY, FLOATS, 3, 0, size, ARRAY, 3, 2, 0, 9, rows, each, 1, 1, each * 4, 2],
              [1, 5, PART, FLOATS, 3, 0, each, PART, FLOATS, 4, 0, each, OWN, FLOATS, 0, each],
              [COUNT, each, 0],
              [2, 3, OWN, FLOATS, 0, each, PART, FLOATS, 5, 0, each, COUNT, each],
            ),
          ),
        );
        for (const threads of [1, 3]) {
          addon!.setThreads(threads);
          run([a, b, sizes, y.fill(NaN), other, z.fill(NaN)], none);
          expect(y).toEqual(product);
          expect(z).toEqual(expected);
        }
        const failing = (): void => run([a, b, sizes.subarray(1), y, other, z], none);
        expect(failing).toThrow(expect.objectContaining({ call: 0 }));
        sizes[0] = -1;
        const refused = (): void => run([a, b, sizes, y, other, z], none);
        expect(refused).toThrow(expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT', call: 0 }));
        sizes[0] = m;
      }
    }
  });

  it('refuses groups whose arrays or own memory are too small, and plans that are none', () => {
    const group = (each: number, ownBytes: number, own: number): number[] =>
      words(
        [3, 0, GROUP, 10, 1, 4, 1, ownBytes, 2],
        [0, 3, PART, FLOATS, 0, 0, each, OWN, FLOATS, own, each, COUNT, each],
        [0, 3, OWN, FLOATS, own, each, PART, FLOATS, 1, 0, each, COUNT, each],
      );
    const [x, y] = [new Float32Array(10), new Float32Array(10)];
    const plan = Int32Array.of(9, 1, 1);
    program(group(1, 16, 0))([x, y, plan], none);
    for (const code of [group(2, 32, 0), group(1, 15, 0), group(1, 16, 4)])
      expect(() => program(code)([x, y, plan], none)).toThrow('shorter than it was');
    const bad = words(
      [3, 0, GROUP, 10, 1, 4, 1, 0, 1],
      [2, 5, PART, FLOATS, 0, 0, 1, PART, FLOATS, 0, 0, 1, PART, FLOATS, 1, 0, 1, COUNT, 1],
      [PLAN, 2, 0, 3, 1],
    );
    for (const groups of [9, 0, -1, 2]) {
      plan[0] = groups;
      expect(() => program(bad)([x, y, plan], none)).toThrow('shorter than it was');
    }
  });
});
