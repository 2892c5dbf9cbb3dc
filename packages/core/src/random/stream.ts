import { philox } from './philox.js';

// Any constant would do; it keeps names apart from numbers drawn under the key (length, 0).
const NAMES = 0x53747261; // 'Stra'

/**
 * The two counter words (c2, c3) of the stream called `name` under the stream (p2, p3).
 *
 * The name's UTF-16 code units, padded with zeros to a multiple of four (at least four), are read four
 * at a time as two words a, b (the first unit in the low half). From (h0, h1) = (p2, p3) on,
 * (h0, h1) ← the first two words of the Philox block with counter (a, b, h0, h1) and key (length, 'Stra').
 */
export function streamOf(name: string, p2: number, p3: number): readonly [number, number] {
  let h0 = p2;
  let h1 = p3;
  const unit = (i: number): number => (i < name.length ? name.charCodeAt(i) : 0);
  for (let i = 0; i === 0 || i < name.length; i += 4) {
    const a = (unit(i) | (unit(i + 1) << 16)) >>> 0;
    const b = (unit(i + 2) | (unit(i + 3) << 16)) >>> 0;
    const words = philox([a, b, h0, h1], [name.length, NAMES]);
    h0 = words[0]!;
    h1 = words[1]!;
  }
  return [h0, h1];
}
