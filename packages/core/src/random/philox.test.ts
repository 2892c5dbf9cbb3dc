import { expect, it } from 'vitest';
import golden from '../../test/golden/random.json' with { type: 'json' };
import { advance, type Draw, drawWords, highProduct, philox } from './philox.js';

const F = 0xffffffff;

// kat_vectors of the Random123 distribution, philox4x32 with 10 rounds.
it.each<[Draw['counter'], Draw['key'], number[]]>([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [F, F, F, F],
    [F, F],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])('gives the known answer for counter %j', (counter, key, words) => {
  expect([...philox(counter, key)]).toEqual(words);
});

it('multiplies words exactly', () => {
  const samples = [
    0,
    1,
    0xffff,
    0x10000,
    0x10001,
    0x7fffffff,
    0x80000000,
    0xd2511f53,
    0xfffeffff,
    F,
  ];
  for (const a of samples) {
    for (const b of samples) {
      expect(highProduct(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
    }
  }
});

it('counts blocks through 64 bits, and wraps there', () => {
  expect(advance([1, 2, 3, 4], 5)).toEqual([6, 2, 3, 4]);
  expect(advance([F, 2, 3, 4], 1)).toEqual([0, 3, 3, 4]);
  expect(advance([F, F, 3, 4], 2)).toEqual([1, 0, 3, 4]);
  expect(advance([0, 0, 0, 0], 2 ** 40 + 1)).toEqual([1, 256, 0, 0]);
});

it.each(golden)(
  'draws the words that C++ draws from counter $counter',
  ({ key, counter, words, checksums }) => {
    const draw = { key, counter } as unknown as Draw;
    expect([...drawWords(draw, 16)]).toEqual(words);
    expect([...drawWords(draw, 5)]).toEqual(words.slice(0, 5));
    expect(checksum(drawWords(draw, 2 ** 16))).toBe(checksums[0]);
  },
);

/** FNV-1a over 32-bit words. */
function checksum(words: Uint32Array): number {
  let h = 0x811c9dc5;
  for (const w of words) h = Math.imul(h ^ w, 0x01000193);
  return h >>> 0;
}
