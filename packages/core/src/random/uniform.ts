/** Uniform numbers and integers from random words, bit-identical on every engine. */
import { highProduct } from './philox.js';

const f32 = Math.fround;

/** u = (x >>> 8)·2^-24 in [0, 1): a float32 exactly. */
export function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** `min + u·(max − min)`, every step rounded to float32; the last rounding may reach `max`. */
export function fillUniform(out: Float32Array, words: Uint32Array, min: number, max: number): void {
  const low = f32(min);
  const width = f32(f32(max) - low);
  for (let i = 0; i < out.length; i++) out[i] = f32(low + f32(unit(words[i]!) * width));
}

/** Integers in [min, max): min + the high 32 bits of x·(max − min). */
export function fillIntegers(out: Int32Array, words: Uint32Array, min: number, max: number): void {
  const width = max - min;
  for (let i = 0; i < out.length; i++) out[i] = min + highProduct(words[i]!, width);
}
