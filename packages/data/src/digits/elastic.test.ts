import { describe, expect, it } from 'vitest';
import { bend, ELASTIC_DRAWS } from './elastic.js';

describe('bend', () => {
  it('moves everything alike when all nodes move alike (the weights sum to one)', () => {
    const draws = new Float32Array(ELASTIC_DRAWS).map((_, i) => (i % 2 === 0 ? 1 : 0.25));
    const line = [-0.74, -0.5, 0, 0, 0.3, -0.2, 0.74, 0.6];
    const moved = [...line];
    bend(moved, 0.1, draws, 0);
    moved.forEach((v, i) => expect(v - line[i]!).toBeCloseTo(i % 2 === 0 ? 0.1 : -0.05, 12));
  });

  it('follows a linear field linearly (cubic B-splines reproduce lines)', () => {
    // Node (r, c) is displaced in x by its column: from −1 at the first to 1 at the last.
    const draws = new Float32Array(ELASTIC_DRAWS).fill(0.5);
    for (let i = 0; i < 49; i++) draws[2 * i] = (i % 7) / 6;
    const at = (x: number): number => {
      const line = [x, 0.1];
      bend(line, 0.2, draws, 0);
      expect(line[1]).toBe(0.1);
      return line[0]! - x;
    };
    // A node every 0.375; the middle node (column 3) has displacement 0.
    for (const x of [-0.7, -0.2, 0, 0.1, 0.45]) expect(at(x)).toBeCloseTo((0.2 * x) / 0.375 / 3, 7);
  });
});
