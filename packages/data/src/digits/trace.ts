import type { Stroke } from './glyphs.js';

/** Line segments per stretch between two points of a curve: a third of a digit's width bends smoothly. */
const STEPS = 6;

/**
 * The polyline x0, y0, x1, y1, … of a stroke: for smooth and closed strokes a Catmull-Rom spline
 * through the points, for sharp ones equal steps along the lines, so that a later bend bends them.
 */
export function trace(points: readonly number[], kind: Stroke['kind']): number[] {
  const count = points.length / 2;
  const stretches = kind === 'closed' ? count : count - 1;
  const at = (i: number): [number, number] => {
    const j = kind === 'closed' ? (i + count) % count : Math.min(Math.max(i, 0), count - 1);
    return [points[2 * j]!, points[2 * j + 1]!];
  };
  const line: number[] = [...at(0)];
  for (let i = 0; i < stretches; i++) {
    const [x0, y0] = at(i - 1);
    const [x1, y1] = at(i);
    const [x2, y2] = at(i + 1);
    const [x3, y3] = at(i + 2);
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      if (kind === 'sharp') line.push(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t);
      else line.push(catmullRom(x0, x1, x2, x3, t), catmullRom(y0, y1, y2, y3, t));
    }
  }
  return line;
}

/** The cubic from b (t = 0) to c (t = 1) with slopes (c − a)/2 and (d − b)/2 there. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return 0.5 * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
}
