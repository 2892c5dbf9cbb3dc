/** The elements of values, as JSON numbers and as base64 of their bytes (little end first). */
import type { ProgramDType, ProgramInput } from './program.js';

export type Elements = Float32Array | Int32Array | Uint8Array;

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

export function elementsOf({ dtype, values }: ProgramInput): Elements {
  return new ARRAYS[dtype](values.map(Number));
}

/** The shortest numbers that give the same elements back. */
export function shortest(elements: ArrayLike<number>): (number | string)[] {
  return Array.from(elements, (x) => {
    if (!Number.isFinite(x)) return String(x);
    if (Object.is(x, -0)) return '-0';
    if (Number.isInteger(x) && Math.abs(x) < 2 ** 24) return x;
    for (let digits = 1; digits < 9; digits++) {
      const rounded = Number(x.toPrecision(digits));
      if (Math.fround(rounded) === x) return rounded;
    }
    return Number(x.toPrecision(9));
  });
}

export function encode(elements: Elements): string {
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function decode(text: string, dtype: ProgramDType): Elements {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new ARRAYS[dtype](bytes.buffer);
}
