/** 16-bit floats, converted by their bits so that every value, infinities and NaNs too, keeps its own. */

/** The bits of the float32 that equals a float16. */
export function float16ToFloat32(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: shift the leading 1 out to where a normal number has it.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** The bits of the float16 nearest to a float32, ties to even; too large ones become infinite. */
export function float32ToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) {
    const fraction = (magnitude >>> 13) & 0x3ff;
    const nan = magnitude > 0x7f800000;
    return sign | 0x7c00 | (nan ? fraction || 0x200 : 0);
  }
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  const shift = 126 - (magnitude >>> 23); // below 2^-14: subnormal
  if (shift > 24) return sign;
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, shift);
}

/** The bits of the bfloat16 nearest to a float32, ties to even. */
export function float32ToBfloat16(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  // Rounding up could carry a NaN's fraction away.
  if (magnitude > 0x7f800000) return (bits >>> 16) | ((bits & 0x7f0000) === 0 ? 0x40 : 0);
  return ((bits >>> 16) & 0x8000) | roundShift(magnitude, 16);
}

/** x / 2^shift to the nearest integer, ties to even. */
function roundShift(x: number, shift: number): number {
  const floor = x >>> shift;
  const rest = x & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor;
}
