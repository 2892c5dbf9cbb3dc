import { bend, ELASTIC_DRAWS } from './elastic.js';
import { GLYPHS } from './glyphs.js';
import { rasterise } from './rasterise.js';
import { trace } from './trace.js';

/** Room for the coordinates of the glyph with the most points. */
const JITTER_DRAWS = 32;
const STYLE_DRAWS = 12;

/** Numbers in [0, 1) that one image takes; a fixed number, so that image i is at a fixed place in its stream. */
export const DRAWS_PER_DIGIT: number = STYLE_DRAWS + JITTER_DRAWS + ELASTIC_DRAWS;

/** How far a point of a stroke may be off, of a digit of height 1. */
const JITTER = 0.04;
/** Largest displacement of the elastic field's nodes. */
const ELASTIC = 0.17;
/** Tangent of half the largest rotation: about 14 degrees either way. */
const HALF_TURN = 0.12;

/**
 * Draws one digit into `image` (size·size bytes, zero before).
 *
 * @param draws DRAWS_PER_DIGIT numbers in [0, 1), which decide everything.
 * @returns Its label.
 */
export function drawDigit(draws: Float32Array, image: Uint8Array, size: number): number {
  let next = 0;
  const between = (low: number, high: number): number => low + (high - low) * draws[next++]!;
  const label = Math.floor(between(0, 10));
  const variants = GLYPHS[label]!;
  const glyph = variants[Math.floor(between(0, variants.length))]!;

  // Rotation without sine or cosine, which differ in their last bit between machines.
  const t = between(-HALF_TURN, HALF_TURN);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const height = between(0.62, 0.78) * size;
  const width = height * between(0.8, 1.25);
  const shear = between(-0.3, 0.3);
  const x = size * between(0.43, 0.57);
  const y = size * between(0.43, 0.57);
  const pen = {
    width: between(0.05, 0.125) * size,
    softness: between(0.9, 1.6),
    ink: between(190, 255),
  };

  let jitter = STYLE_DRAWS;
  for (const { points, kind } of glyph) {
    const moved = points.map((v) => v + JITTER * (2 * draws[jitter++]! - 1));
    const line = trace(moved, kind);
    bend(line, ELASTIC, draws, STYLE_DRAWS + JITTER_DRAWS);
    for (let p = 0; p < line.length; p += 2) {
      const u = width * (line[p]! - shear * line[p + 1]!);
      const v = height * line[p + 1]!;
      line[p] = x + cos * u - sin * v;
      line[p + 1] = y + sin * u + cos * v;
    }
    rasterise(line, pen, image, size);
  }
  return label;
}
