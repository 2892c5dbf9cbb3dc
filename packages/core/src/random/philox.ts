/**
 * Philox 4x32 with 10 rounds: a bijection of 128-bit counters for each 64-bit key, whose outputs pass
 * as independent random words. Random access: word n of a stream costs the same for every n.
 *
 * One round maps (x0, x1, x2, x3) with key (k0, k1) to
 *     (hi(M1·x2) ^ x1 ^ k0, lo(M1·x2), hi(M0·x0) ^ x3 ^ k1, lo(M0·x0)),
 * hi and lo the halves of the 64-bit product; the key moves by (W0, W1) from round to round.
 *
 * Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
 */

/** A place in a random stream: unsigned 32-bit words, `counter[0]` the lowest. */
export interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9; // golden ratio
const W1 = 0xbb67ae85; // √3 − 1

/** The four words of one block. */
export function philox(counter: Draw['counter'], key: Draw['key']): Uint32Array {
  const words = new Uint32Array(4);
  block(words, 0, counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
  return words;
}

/**
 * The first `count` words of a draw: word `i` is word `i & 3` of the block whose counter is the
 * draw's with `i >> 2` added to its low 64 bits.
 */
export function drawWords(draw: Draw, count: number): Uint32Array {
  const blocks = Math.ceil(count / 4);
  const words = new Uint32Array(blocks * 4);
  const [c0, c1, c2, c3] = draw.counter;
  for (let b = 0; b < blocks; b++) {
    const low = c0 + b; // below 2^53, so exact
    const carry = Math.floor(low / 2 ** 32);
    block(words, b * 4, low >>> 0, (c1 + carry) >>> 0, c2, c3, draw.key[0], draw.key[1]);
  }
  return words.subarray(0, count);
}

/** The counter `blocks` further on; only its low 64 bits move. */
export function advance(counter: Draw['counter'], blocks: number): Draw['counter'] {
  const low = counter[0] + blocks;
  return [low >>> 0, (counter[1] + Math.floor(low / 2 ** 32)) >>> 0, counter[2], counter[3]];
}

/** The high 32 bits of the product of two unsigned 32-bit words. */
export function highProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + (((a0 * b0) / 0x10000) >>> 0); // below 2^32
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + (middle >>> 16) + ((other / 0x10000) >>> 0)) >>> 0;
}

function block(
  out: Uint32Array,
  at: number,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
  k0: number,
  k1: number,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(M0, x0);
    const high1 = highProduct(M1, x2);
    const low0 = Math.imul(M0, x0);
    const low1 = Math.imul(M1, x2);
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x1 = low1 >>> 0;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x3 = low0 >>> 0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
  out[at + 2] = x2;
  out[at + 3] = x3;
}
