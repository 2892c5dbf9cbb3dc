import { fillNormal } from './normal.js';
import { type Draw, drawWords } from './philox.js';

const f32 = Math.fround;

/**
 * `mean + std·z`, z normal given |z| ≤ 2, by rejection: one draw of n normals; those of the k elements
 * that were rejected are drawn again, in order, as one draw of k; and so on (4.55 % each time).
 * So how many blocks are taken depends on the seed, but on nothing else.
 */
export function fillTruncatedNormal(
  out: Float32Array,
  take: (blocks: number) => Draw,
  mean: number,
  std: number,
): void {
  const shift = f32(mean);
  const scale = f32(std);
  let pending = Int32Array.from({ length: out.length }, (_, i) => i);
  while (pending.length > 0) {
    const z = new Float32Array(pending.length);
    fillNormal(z, drawWords(take(Math.ceil(z.length / 4)), z.length + (z.length & 1)), 0, 1);
    for (let i = 0; i < z.length; i++) out[pending[i]!] = f32(shift + f32(scale * z[i]!));
    pending = pending.filter((_, i) => Math.abs(z[i]!) > 2);
  }
}
