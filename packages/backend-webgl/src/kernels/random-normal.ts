/**
 * Normal numbers with the bits of every other engine: what is rounded, and in which order, says core/src/random/normal.ts. GLSL's square
 * root is a guess, which whole numbers make exact.
 */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import type { Draw } from '../shaders/philox.js';
import { drawing } from './random.js';
import { ROUNDED } from '../shaders/rounded.js';

/** `root(x)`: √x rounded to nearest, of x = mantissa·2^(e − 23), by the root of mantissa·2^23 or mantissa·2^24: whole numbers below 2^48. */
const ROOT = `
  bool less(uvec2 a, uvec2 b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }
  uvec2 product(uint a, uint b) { return uvec2(highProduct(a, b), a * b); }

  float root(float x) {
    if (x == 0.0) return 0.0;
    uint bits = floatBitsToUint(x);
    uint fraction = bits & 0x7fffffu;
    int e = int(bits >> 23u) - 127;
    int odd = e & 1;
    uint mantissa = fraction | 0x800000u;
    uvec2 whole = uvec2(mantissa >> uint(9 - odd), mantissa << uint(23 + odd));
    uint r = uint(sqrt(uintBitsToFloat(uint(127 + odd) << 23u | fraction)) * 8388608.0);
    // Nearest is r where r·(r − 1) < whole ≤ r·(r + 1).
    while (!less(product(r, r - 1u), whole)) r -= 1u;
    while (less(product(r, r + 1u), whole)) r += 1u;
    return uintBitsToFloat(uint((e - odd) / 2 + 127) << 23u | (r & 0x7fffffu));
  }
`;

/** p·x + each of the coefficients in turn, from the first of them. */
function horner(x: string, coefficients: readonly string[]): string {
  return coefficients.reduce((p, c) => `plus(times(${p}, ${x}), ${c})`);
}

const NORMAL = `
  float radius(uint n) {
    uint bits = floatBitsToUint(float(n));
    float k = float(int(bits >> 23u) - 151);
    float m = uintBitsToFloat((bits & 0x7fffffu) | 0x3f800000u);
    if (m > 1.41421354) {
      m = 0.5 * m;
      k = k + 1.0;
    }
    float f = m - 1.0;
    float z = times(f, f);
    float p = ${horner('f', [
      '7.0376836292e-2',
      '-1.151461031e-1',
      '1.167699874e-1',
      '-1.2420140846e-1',
      '1.4249322787e-1',
      '-1.6668057665e-1',
      '2.0000714765e-1',
      '-2.4999993993e-1',
      '3.3333331174e-1',
    ])};
    p = plus(times(times(p, f), z), times(k, -2.1219444e-4));
    p = plus(p, -times(0.5, z));
    return root(-2.0 * plus(plus(f, p), times(k, 0.693359375)));
  }

  float normalAt(int index) {
    uvec4 words = randomBlock(uint(index) >> 2u);
    uvec2 pair = (index & 2) == 0 ? words.xy : words.zw;
    float t = float(pair.y >> 8u) * 2.384185791015625e-7;
    int q = int(floor(t + 0.5));
    float a = t - float(q);
    float w = times(a, a);
    float s = plus(times(times(${horner('w', ['-0.00462196674', '0.079687029', '-0.645964026'])}, w), a), times(a, 1.57079637));
    float c = ${horner('w', ['0.000906739908', '-0.0208615288', '0.253669411', '-1.23370051', '1.0'])};
    // The sine is the cosine of a quarter turn less.
    int quarter = (index & 1) == 0 ? q : q + 3;
    float part = (quarter & 1) == 0 ? c : s;
    return times(radius((pair.x >> 8u) + 1u), ((quarter + 1) & 2) == 0 ? part : -part);
  }
`;

export const randomNormal: KernelFunc = ({ attrs, backend }) => {
  const { shape, mean, std, draw } = attrs as unknown as {
    shape: readonly number[];
    mean: number;
    std: number;
    draw: Draw;
  };
  return drawing(backend as MathBackendWebGL, draw, {
    shape,
    dtype: 'float32',
    floats: { mean, std },
    ints: { nought: [0] },
    declarations: [ROUNDED, ROOT, NORMAL].join('\n'),
    element: 'plus(mean, times(std, normalAt(index)))',
  });
};
