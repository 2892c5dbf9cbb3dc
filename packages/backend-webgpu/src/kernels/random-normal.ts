/**
 * Normal numbers with the bits of every other engine: what is rounded, and in which order, says core/src/random/normal.ts. WGSL's square
 * root is a guess, which whole numbers make exact.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { type Draw, drawUniforms } from '../shaders/philox.js';
import { type Drawn, runDrawn } from './random.js';
import { ROUNDED } from '../shaders/rounded.js';

/** `root(x)`: √x rounded to nearest, of x = mantissa·2^(e − 23), by the root of mantissa·2^23 or mantissa·2^24: whole numbers below 2^48. */
const ROOT = `
  fn less(a : vec2<u32>, b : vec2<u32>) -> bool { return a.x < b.x || (a.x == b.x && a.y < b.y); }
  fn product(a : u32, b : u32) -> vec2<u32> { return vec2<u32>(highProduct(a, b), a * b); }

  fn root(x : f32) -> f32 {
    if (x == 0.0) {
      return 0.0;
    }
    let bits = bitcast<u32>(x);
    let fraction = bits & 0x7fffffu;
    let e = i32(bits >> 23u) - 127;
    let odd = u32(e & 1);
    let mantissa = fraction | 0x800000u;
    let whole = vec2<u32>(mantissa >> (9u - odd), mantissa << (23u + odd));
    var r = u32(sqrt(bitcast<f32>(((127u + odd) << 23u) | fraction)) * 8388608.0);
    // Nearest is r where r·(r − 1) < whole ≤ r·(r + 1).
    while (!less(product(r, r - 1u), whole)) { r = r - 1u; }
    while (less(product(r, r + 1u), whole)) { r = r + 1u; }
    return bitcast<f32>((u32((e - i32(odd)) / 2 + 127) << 23u) | (r & 0x7fffffu));
  }
`;

/** p·x + each of the coefficients in turn, from the first of them. */
function horner(x: string, coefficients: readonly string[]): string {
  return coefficients.reduce((p, c) => `plus(times(${p}, ${x}), ${c})`);
}

const NORMAL = `
  fn radius(n : u32) -> f32 {
    let bits = bitcast<u32>(f32(n));
    var k = f32(i32(bits >> 23u) - 151);
    var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
    if (m > 1.41421354) {
      m = 0.5 * m;
      k = k + 1.0;
    }
    let f = m - 1.0;
    let z = times(f, f);
    var p = ${horner('f', [
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

  fn normalOf(words : vec4<u32>, i : i32) -> f32 {
    let pair = select(words.zw, words.xy, i < 2);
    let t = f32(pair.y >> 8u) * 2.384185791015625e-7;
    let q = i32(floor(t + 0.5));
    let a = t - f32(q);
    let w = times(a, a);
    let s = plus(times(times(${horner('w', ['-0.00462196674', '0.079687029', '-0.645964026'])}, w), a), times(a, 1.57079637));
    let c = ${horner('w', ['0.000906739908', '-0.0208615288', '0.253669411', '-1.23370051', '1.0'])};
    // The sine is the cosine of a quarter turn less.
    let quarter = select(q + 3, q, (i & 1) == 0);
    let part = select(s, c, (quarter & 1) == 0);
    return times(radius((pair.x >> 8u) + 1u), select(-part, part, ((quarter + 1) & 2) == 0));
  }
`;

const DRAWN: Drawn = {
  name: 'strata-normal',
  uniforms: 'mean : f32, deviation : f32, nought : u32,',
  inputs: [],
  dtype: 'float32',
  declarations: [ROUNDED, ROOT, NORMAL].join('\n'),
  element: 'plus(uniforms.mean, times(uniforms.deviation, normalOf(words, i)))',
};

export const randomNormal: KernelFunc = ({ attrs, backend }) => {
  const { shape, mean, std, draw } = attrs as unknown as {
    shape: readonly number[];
    mean: number;
    std: number;
    draw: Draw;
  };
  return runDrawn(
    backend as WebGPUBackend,
    DRAWN,
    shape,
    [],
    [
      ...drawUniforms(draw),
      { type: 'float32', data: [mean] },
      { type: 'float32', data: [std] },
      { type: 'uint32', data: [0] },
    ],
  );
};
