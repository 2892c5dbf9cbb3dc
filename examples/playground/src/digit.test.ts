import { describe, expect, it } from 'vitest';
import { centredDigit, SIDE } from './digit.js';

/** A filled box on a drawing of this side. */
function drawing(side: number, left: number, top: number, width: number, height: number) {
  const ink = new Float32Array(side * side);
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) ink[y * side + x] = 1;
  return ink;
}

function extent(image: Float32Array) {
  const dark = [...image.keys()].filter((i) => image[i]! > 0.5);
  const [xs, ys] = [dark.map((i) => i % SIDE), dark.map((i) => Math.floor(i / SIDE))];
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}

describe('centredDigit', () => {
  it('gives nothing for nothing', () => {
    expect(centredDigit(new Float32Array(100 * 100), 100)).toBeNull();
    expect(centredDigit(new Float32Array(100 * 100).fill(0.05), 100)).toBeNull();
  });

  it.each([
    ['a corner', 0, 0],
    ['the other corner', 180, 160],
    ['the middle', 130, 90],
  ])('puts a figure from %s into the middle, 20 pixels high', (_, left, top) => {
    const image = centredDigit(drawing(280, left, top, 40, 100), 280)!;
    expect(image).toHaveLength(SIDE * SIDE);
    expect(extent(image)).toEqual([10, 17, 4, 23]);
    expect(Math.max(...image)).toBe(1);
  });

  it('is alike for drawings of other sizes', () => {
    const large = centredDigit(drawing(280, 100, 40, 80, 200), 280)!;
    const small = centredDigit(drawing(56, 20, 8, 16, 40), 56)!;
    large.forEach((value, i) => expect(value).toBeCloseTo(small[i]!, 1));
  });

  it('centres by mass: of an L more lies at the foot', () => {
    const ink = drawing(280, 100, 50, 20, 200);
    drawing(280, 100, 230, 120, 20).forEach((value, i) => (ink[i] = Math.max(ink[i]!, value)));
    const image = centredDigit(ink, 280)!;
    let [mass, x, y] = [0, 0, 0];
    image.forEach((value, i) => {
      mass += value;
      x += value * ((i % SIDE) + 0.5);
      y += value * (Math.floor(i / SIDE) + 0.5);
    });
    expect(x / mass).toBeCloseTo(SIDE / 2, 0);
    expect(y / mass).toBeCloseTo(SIDE / 2, 0);
  });
});
