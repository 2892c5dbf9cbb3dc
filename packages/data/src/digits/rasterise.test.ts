import { describe, expect, it } from 'vitest';
import { rasterise } from './rasterise.js';

const draw = (line: number[], pen = { width: 2, softness: 1, ink: 200 }): number[][] => {
  const image = new Uint8Array(36);
  rasterise(line, pen, image, 6);
  return Array.from({ length: 6 }, (_, y) => [...image.subarray(6 * y, 6 * y + 6)]);
};

describe('rasterise', () => {
  it('gives each pixel the ink of its distance from the line', () => {
    // A horizontal line through the centres of row 2, between the centres of columns 1 and 4.
    const image = draw([1.5, 2.5, 4.5, 2.5]);
    expect(image[2]).toEqual([100, 200, 200, 200, 200, 100]);
    // One pixel off: (1 − 1)/1 + 1/2 of the ink; round the ends by distance √2: clamp(1 − √2 + ½) = 0.0858.
    expect(image[1]).toEqual([17, 100, 100, 100, 100, 17]);
    expect(image[3]).toEqual(image[1]);
    expect(image[0]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('keeps the darker of two strokes, and stays inside the image', () => {
    const cross = draw([-3, 3, 9, 3, 3, 3, 3, -3, 3, 9]);
    expect(cross[2]![2]).toBe(200);
    expect(
      draw([-9, -9, -5, -9])
        .flat()
        .every((v) => v === 0),
    ).toBe(true);
  });

  it('draws a point where a segment has no length', () => {
    expect(draw([2.5, 2.5, 2.5, 2.5])[2]).toEqual([0, 100, 200, 100, 0, 0]);
  });
});
