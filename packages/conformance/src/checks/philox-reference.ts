/**
 * Philox 4x32-10 written from the paper in exact integers (Salmon et al.: Parallel random numbers: as
 * easy as 1, 2, 3; SC 2011), and the draws of KERNELS.md on top of it: what every engine must give.
 */

export interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

type Words = [bigint, bigint, bigint, bigint];

const MASK = 0xffffffffn;

/** The four words of one block. */
export function philoxReference(counter: Draw['counter'], key: Draw['key']): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as Words;
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & MASK, (p0 >> 32n) ^ c3 ^ k1, p0 & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The words of a draw: word `i & 3` of the block whose low 64 bits are the counter's plus `i >> 2`. */
export function wordsOf({ key, counter }: Draw, count: number): number[] {
  const words: number[] = [];
  const start = BigInt(counter[0]) | (BigInt(counter[1]) << 32n);
  for (let block = 0; words.length < count; block++) {
    const low = (start + BigInt(block)) & 0xffffffffffffffffn;
    const at = [Number(low & MASK), Number(low >> 32n), counter[2], counter[3]] as const;
    words.push(...philoxReference(at, key));
  }
  return words.slice(0, count);
}

/** min + fround(u·(max − min)), u = (x >>> 8)·2⁻²⁴, every step rounded to float32. */
export function uniformReference(draw: Draw, count: number, min: number, max: number): number[] {
  const f = Math.fround;
  const width = f(f(max) - f(min));
  return wordsOf(draw, count).map((x) => f(f(min) + f(unit(x) * width)));
}

/** min + the high 32 bits of x·(max − min). */
export function integerReference(draw: Draw, count: number, min: number, max: number): number[] {
  return wordsOf(draw, count).map((x) => min + Number((BigInt(x) * BigInt(max - min)) >> 32n));
}

/** Whether dropout keeps each element: u ≥ rate. */
export function keptReference(draw: Draw, count: number, rate: number): boolean[] {
  return wordsOf(draw, count).map((x) => unit(x) >= rate);
}

/** Box–Muller in double precision on words (2j, 2j + 1), the first of which gives (0, 1]. */
export function normalReference(draw: Draw, count: number, mean: number, std: number): number[] {
  const words = wordsOf(draw, count + (count & 1));
  return Array.from({ length: count }, (_, i) => {
    const u = ((words[i & ~1]! >>> 8) + 1) * 2 ** -24;
    const angle = 2 * Math.PI * unit(words[i | 1]!);
    const z = Math.sqrt(-2 * Math.log(u)) * (i & 1 ? Math.sin(angle) : Math.cos(angle));
    return mean + std * z;
  });
}

function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}
