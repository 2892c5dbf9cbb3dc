import { expect, it } from 'vitest';
import golden from '../../test/golden/random.json' with { type: 'json' };
import { fillNormal } from './normal.js';
import { type Draw, drawWords } from './philox.js';
import { fillIntegers, fillUniform } from './uniform.js';

it.each(golden)('gives the bits that C++ gives for counter $counter', (g) => {
  const words = drawWords({ key: g.key, counter: g.counter } as unknown as Draw, 2 ** 16);
  const uniform = new Float32Array(words.length);
  const integers = new Int32Array(words.length);
  const normal = new Float32Array(words.length);
  fillUniform(uniform, words, -0.7, 3.1);
  fillIntegers(integers, words, -5, 1000000002);
  fillNormal(normal, words, 0.25, 1.7);
  const results = [uniform, integers, normal].map((r) => new Uint32Array(r.buffer));
  expect(results.map((r) => [...r.subarray(0, 16)])).toEqual([g.uniform, g.integers, g.normal]);
  expect(results.map(checksum)).toEqual(g.checksums.slice(1));
});

it('is within 1e-6 of Box and Muller, at the extremes too', () => {
  const corners = [
    0, 1, 2, 0xff, 0x1fffff, 0x200000, 0x3fffff, 0x400000, 0x7fffff, 0x800000, 0xb504f3, 0xb504f4,
    0xfffffe, 0xffffff,
  ];
  const draw: Draw = { key: [7, 0], counter: [0, 0, 0, 0] };
  const parts = [...corners, ...drawWords(draw, 300).map((w) => w >>> 8)];
  const words = Uint32Array.from(
    parts.flatMap((x) => parts.flatMap((y) => [x * 256 + 255, y * 256 + 1])),
  );
  const z = new Float32Array(words.length);
  fillNormal(z, words, 0, 1);
  let worst = 0;
  for (let i = 0; i < words.length; i += 2) {
    const r = Math.sqrt(-2 * Math.log(((words[i]! >>> 8) + 1) * 2 ** -24));
    const angle = 2 * Math.PI * (words[i + 1]! >>> 8) * 2 ** -24;
    worst = Math.max(
      worst,
      Math.abs(z[i]! - r * Math.cos(angle)),
      Math.abs(z[i + 1]! - r * Math.sin(angle)),
    );
  }
  expect(worst).toBeLessThan(1e-6);
  expect(Math.max(...z.subarray(0, 2 * parts.length).map(Math.abs))).toBeCloseTo(
    Math.sqrt(48 * Math.LN2),
    6,
  );
});

it('leaves the partner of the last element out when their number is odd', () => {
  const words = drawWords({ key: [1, 0], counter: [0, 0, 0, 0] }, 4);
  const [three, four] = [new Float32Array(3), new Float32Array(4)];
  fillNormal(three, words, 0, 1);
  fillNormal(four, words, 0, 1);
  expect([...three]).toEqual([...four.subarray(0, 3)]);
});

/** FNV-1a over 32-bit words. */
function checksum(words: Uint32Array): number {
  let h = 0x811c9dc5;
  for (const w of words) h = Math.imul(h ^ w, 0x01000193);
  return h >>> 0;
}
