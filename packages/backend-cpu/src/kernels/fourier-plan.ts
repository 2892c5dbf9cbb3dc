/** How a discrete Fourier transform of some length is computed, and the tables for it. */
import type { NativeKernels } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';

export interface FourierPlan {
  readonly kernel: Extract<keyof NativeKernels, `fourier${string}`>;
  /** What the kernel takes between the number of rows and the scale, and after the scale. */
  readonly sizes: readonly number[];
  readonly tables: readonly (NumericArray | number)[];
}

/** Transforms of more values do not stay in the caches when a vector's worth of them runs side by side. */
const LONGEST_IN_LANES = 4096;
/** Fewer rows than this waste lanes, so that their columns fill them instead, where there are enough. */
const FEW_ROWS = 8;
const LEAST_IN_TWO_STEPS = 256;
/** What native code can divide into two steps is this long; Bluestein's algorithm takes twice as much. */
const LONGEST = 2 ** 30;

/** Floats of all tables that are kept. */
const MOST_KEPT = 2 ** 22;

const kept = new Map<string, FourierPlan>();

/** The plan for `rows` rows of `n` ≥ 1 values; undefined where native code has none. */
export function fourierPlan(n: number, rows: number): FourierPlan | undefined {
  const plain = isPowerOfTwo(n);
  const m = plain ? n : 2 ** Math.ceil(Math.log2(2 * n - 1));
  if (m > LONGEST) return undefined;
  const long = m > LONGEST_IN_LANES || (rows < FEW_ROWS && m >= LEAST_IN_TWO_STEPS);
  const key = `${n} ${long}`;
  const found = kept.get(key);
  if (found !== undefined) return found;
  const made = plain ? planOfPower(n, long) : planOfAny(n, m, long);
  kept.set(key, made);
  let floats = 0;
  // Those made last stay.
  for (const [other, plan] of [...kept].toReversed()) {
    for (const table of plan.tables) floats += typeof table === 'number' ? 1 : table.length;
    if (floats > MOST_KEPT && other !== key) kept.delete(other);
  }
  return made;
}

function planOfPower(n: number, long: boolean): FourierPlan {
  if (!long) return { kernel: 'fourier', sizes: [n], tables: [twiddles(n), places(n)] };
  const steps = stepsOf(n);
  return { kernel: 'fourierLong', sizes: steps, tables: tablesOfSteps(steps) };
}

/** Bluestein's algorithm: see native/kernels/fourier.cc. */
function planOfAny(n: number, m: number, long: boolean): FourierPlan {
  const chirp = new Float64Array(2 * n);
  let square = 0; // j² mod 2n
  for (let j = 0; j < n; j++) {
    chirp[2 * j] = Math.cos((Math.PI * square) / n);
    chirp[2 * j + 1] = -Math.sin((Math.PI * square) / n);
    square = (square + 2 * j + 1) % (2 * n);
  }
  const response = new Float64Array(2 * m);
  for (let j = 0; j < n; j++) {
    for (const at of j === 0 ? [0] : [j, m - j]) {
      response[2 * at] = chirp[2 * j]! / m;
      response[2 * at + 1] = -chirp[2 * j + 1]! / m;
    }
  }
  const spectrum = transformed(response);
  const ends = [Float32Array.from(chirp), inOrder(spectrum, m, long)];
  if (!long) return { kernel: 'fourierAny', sizes: [n], tables: [m, twiddles(m), ...ends] };
  const steps = stepsOf(m);
  return {
    kernel: 'fourierAnyLong',
    sizes: [n],
    tables: [...steps, ...tablesOfSteps(steps), ...ends],
  };
}

function stepsOf(n: number): [number, number] {
  const first = 2 ** Math.floor(Math.log2(n) / 2);
  return [first, n / first];
}

function tablesOfSteps([first, second]: readonly [number, number]): NumericArray[] {
  return [twiddles(first), places(first), twiddles(second), places(second)];
}

const isPowerOfTwo = (n: number): boolean => 2 ** Math.round(Math.log2(n)) === n;

/** e^(−2πi·k/n), pairs. */
function twiddles(n: number): Float32Array {
  const pairs = new Float32Array(2 * n);
  for (let k = 0; k < n; k++) {
    pairs[2 * k] = Math.cos((2 * Math.PI * k) / n);
    pairs[2 * k + 1] = -Math.sin((2 * Math.PI * k) / n);
  }
  return pairs;
}

/** Where each frequency lies after a transform in place by fourths: fourth q of it holds the frequencies 4k + q. */
function places(n: number): Int32Array {
  const found = new Int32Array(n);
  for (let frequency = 0; frequency < n; frequency++) {
    let place = 0;
    let rest = frequency;
    let length = n;
    for (; length >= 4; length /= 4, rest >>= 2) place += (rest & 3) * (length / 4);
    found[frequency] = place + (length === 2 ? rest & 1 : 0);
  }
  return found;
}

/** Frequencies as the kernels take them: as transforms in lanes leave them, or as they are. */
function inOrder(spectrum: Float64Array, m: number, long: boolean): Float32Array {
  if (long) return Float32Array.from(spectrum);
  const ordered = new Float32Array(2 * m);
  places(m).forEach((place, frequency) => {
    ordered[2 * place] = spectrum[2 * frequency]!;
    ordered[2 * place + 1] = spectrum[2 * frequency + 1]!;
  });
  return ordered;
}

/** The transform of pairs in float64, a power of two of them, by halves (Cooley and Tukey 1965). */
function transformed(pairs: Float64Array<ArrayBuffer>): Float64Array {
  const n = pairs.length / 2;
  let from = pairs;
  let to = new Float64Array(2 * n);
  // Blocks of `span` results each; in `from` the values that a block comes of lie n/2 apart.
  for (let span = 1; span < n; span *= 2) {
    for (let k = 0; k < span; k++) {
      const re = Math.cos((Math.PI * k) / span);
      const im = -Math.sin((Math.PI * k) / span);
      for (let block = 0; block < n / 2; block += span) {
        const a = 2 * (block + k);
        const b = a + n;
        const turnedRe = from[b]! * re - from[b + 1]! * im;
        const turnedIm = from[b]! * im + from[b + 1]! * re;
        const out = 2 * (2 * block + k);
        to[out] = from[a]! + turnedRe;
        to[out + 1] = from[a + 1]! + turnedIm;
        to[out + 2 * span] = from[a]! - turnedRe;
        to[out + 2 * span + 1] = from[a + 1]! - turnedIm;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
