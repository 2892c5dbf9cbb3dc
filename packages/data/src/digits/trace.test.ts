import { describe, expect, it } from 'vitest';
import { trace } from './trace.js';

describe('trace', () => {
  it('goes through every point', () => {
    const points = [0, 0, 1, 2, 3, 1, 2, -1];
    for (const kind of ['smooth', 'sharp'] as const) {
      const line = trace(points, kind);
      expect(line.length).toBe(2 * (3 * 6 + 1));
      for (let i = 0; i < 4; i++) {
        expect(line.slice(12 * i, 12 * i + 2)).toEqual(points.slice(2 * i, 2 * i + 2));
      }
    }
  });

  it('closes a loop where it began', () => {
    const line = trace([1, 0, 0, 1, -1, 0, 0, -1], 'closed');
    expect(line.slice(-2)).toEqual([1, 0]);
    // Between (1, 0) and (0, 1), with slopes (0, 1) and (−1, 0): the cubic's middle is (0.625, 0.625).
    expect(line.slice(6, 8)).toEqual([0.625, 0.625]);
  });

  it('keeps straight lines straight', () => {
    const line = trace([0, 0, 3, 6], 'sharp');
    for (let i = 0; i < line.length; i += 2) expect(line[i + 1]).toBeCloseTo(2 * line[i]!, 12);
  });
});
