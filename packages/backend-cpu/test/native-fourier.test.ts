// Fourier transforms of any length, against the sum that defines them, in float64.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { complex, engine, fft, ifft, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { native, numbers } from './both.js';

interface Complex {
  readonly re: ArrayLike<number>;
  readonly im: ArrayLike<number>;
}

/** Frequency k of a row of n values, in float64; `turns` are the n-th roots of one. */
function exact({ re, im }: Complex, turns: Complex, row: number, k: number): [number, number] {
  const n = turns.re.length;
  let [sumRe, sumIm] = [0, 0];
  for (let j = 0, turn = 0; j < n; j++, turn = (turn + k) % n) {
    const [a, b] = [re[row * n + j]!, im[row * n + j]!];
    sumRe += a * turns.re[turn]! - b * turns.im[turn]!;
    sumIm += a * turns.im[turn]! + b * turns.re[turn]!;
  }
  return [sumRe, sumIm];
}

function turnsOf(n: number): Complex {
  const angles = Float64Array.from({ length: n }, (_, k) => (-2 * Math.PI * k) / n);
  return { re: angles.map(Math.cos), im: angles.map(Math.sin) };
}

const drawn = (size: number, seed: number): Complex => ({
  re: numbers(size, seed),
  im: numbers(size, seed + 1),
});

/** The engine's transform, which must be native: both parts in its memory. */
function transformed(x: Complex, shape: number[], op: (x: Tensor) => Tensor): Complex {
  const before = native().numDataIds();
  const [re, im] = [x.re, x.im].map((part) => tensor(Float32Array.from(part), shape));
  const input = complex(re!, im!);
  const y = op(input);
  const { real, imag } = native().partsOf(y);
  for (const part of [real, imag]) {
    expect(native().data.get(part.dataId).block, 'left to JavaScript').not.toBe(null);
  }
  expect(y.shape).toEqual(shape);
  const result = {
    re: native().values(real).slice() as Float32Array,
    im: native().values(imag).slice() as Float32Array,
  };
  for (const used of [re, im, input, y]) used!.dispose();
  expect(native().numDataIds()).toBe(before);
  return result;
}

const fourier = (x: Tensor): Tensor => fft(x as never);
const inverse = (x: Tensor): Tensor => ifft(x as never);

/** The largest error, relative to the root of the results' mean square. */
function error(x: Complex, y: Complex, n: number, rows: number, frequencies: number[]): number {
  const turns = turnsOf(n);
  let [worst, square] = [0, 0];
  for (let row = 0; row < rows; row++) {
    for (const k of frequencies) {
      const [re, im] = exact(x, turns, row, k);
      square += re * re + im * im;
      const at = row * n + k;
      worst = Math.max(worst, Math.hypot(y.re[at]! - re, y.im[at]! - im));
    }
  }
  return worst / Math.sqrt(square / (rows * frequencies.length));
}

const all = (n: number): number[] => Array.from({ length: n }, (_, k) => k);
const some = (n: number): number[] => [0, 1, 2, 17, n >> 2, n >> 1, n - 3, n - 1];

describe.runIf(addon).each(isas as Isa[])('Fourier transforms on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each([1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 32, 60, 64, 97, 100, 127, 128, 200, 243, 256])(
    'rows of %i',
    (n) => {
      for (const rows of [1, 3, 8, 17, 40]) {
        const x = drawn(rows * n, 1);
        const y = transformed(x, [rows, n], fourier);
        expect(error(x, y, n, rows, all(n)), `${rows} rows`).toBeLessThan(1.5e-6);
      }
    },
  );

  it.each([
    [512, 9],
    [1000, 3],
    [1000, 20],
    [1024, 2],
    [2048, 9],
    [4096, 8],
    [4097, 1],
    [5000, 9],
    [8192, 9],
    [32768, 1],
    [44100, 2],
    [65536, 1],
    [131071, 1],
    [1 << 18, 1],
  ])('a row of %i of %i', (n, rows) => {
    const x = drawn(rows * n, 3);
    const y = transformed(x, [rows, n], fourier);
    expect(error(x, y, n, rows, some(n))).toBeLessThan(2e-6);
  });

  it('the inverse leads back, whatever the rank', () => {
    for (const shape of [[1], [6], [16], [2, 3, 20], [2, 2, 2, 7], [1, 512], [300], [3, 9000]]) {
      const size = shape.reduce((a, b) => a * b);
      const x = drawn(size, 5);
      const back = transformed(transformed(x, shape, fourier), shape, inverse);
      for (let i = 0; i < size; i++) {
        expect(Math.hypot(back.re[i]! - x.re[i]!, back.im[i]! - x.im[i]!)).toBeLessThan(4e-6);
      }
    }
  });

  it.each([[[0, 4]], [[3, 0]], [[2, 0, 5]]])('nothing comes of %j', (shape) => {
    for (const op of [fourier, inverse]) {
      expect(transformed({ re: [], im: [] }, shape, op).re).toHaveLength(0);
    }
  });

  it('a NaN or an infinity stays within its row', () => {
    for (const n of [8, 10, 64, 256, 300]) {
      for (const odd of [NaN, Infinity]) {
        const x = drawn(20 * n, 7);
        (x.re as Float32Array)[3 * n + 2] = odd;
        const y = transformed(x, [20, n], fourier);
        for (let i = 0; i < 20 * n; i++) {
          const finite = Number.isFinite(y.re[i]) && Number.isFinite(y.im[i]);
          expect(finite, `row ${Math.floor(i / n)}`).toBe(Math.floor(i / n) !== 3);
        }
      }
    }
  });

  it('the same bits from one thread as from four', () => {
    for (const [n, rows] of [
      [256, 70],
      [300, 40],
      [16384, 2],
      [9001, 1],
    ] as const) {
      const x = drawn(n * rows, 9);
      const [one, four] = [1, 4].map((threads) => {
        addon!.setThreads(threads);
        return transformed(x, [rows, n], fourier);
      });
      addon!.setThreads(2);
      expect(one).toEqual(four);
    }
  });

  it('refuses lengths and tables that do not fit', () => {
    const { fourier: lanes, fourierAny, fourierLong, fourierAnyLong } = kernelsOf(isa);
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const row = (): Float32Array => new Float32Array(1024);
    const four = [row(), row(), row(), row()] as const;
    const places = new Int32Array(1024);
    expect(() => lanes!(...four, 1, 12, 1, row(), places)).toThrow(refused);
    expect(() => lanes!(...four, 2, 1024, 1, row(), places)).toThrow(refused);
    for (const outside of [-1, 8]) {
      const wrong = Int32Array.of(0, 1, 2, 3, 4, 5, 6, outside);
      expect(() => lanes!(...four, 1, 8, 1, row(), wrong)).toThrow(refused);
    }
    for (const m of [10, 8]) {
      expect(() => fourierAny!(...four, 1, 5, 1, m, row(), row(), row())).toThrow(refused);
    }
    const steps = [row(), places, row(), places] as const;
    expect(() => fourierLong!(...four, 1, 8, 32, 1, ...steps)).toThrow(refused);
    expect(() => fourierLong!(...four, 5, 16, 16, 1, ...steps)).toThrow(refused);
    const ends = [row(), row()] as const;
    expect(() => fourierAnyLong!(...four, 1, 129, 1, 16, 16, ...steps, ...ends)).toThrow(refused);
    expect(() => fourierAnyLong!(...four, 1, 100, 1, 16, 24, ...steps, ...ends)).toThrow(refused);
  });
});
