import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';

describe.runIf(addon).each(isas)('reluGradient on %s', (isa) => {
  const reluGradient = kernelsOf(isa)['reluGradient']!;

  it.each([0, 1, 3, 4, 5, 15, 16, 17, 100, 70_001])('of %i elements', (n) => {
    const y = values(n, 1);
    const dy = values(n, 2);
    // Every kind of value, at changing places in a register.
    [0, -0, NaN, Infinity, -Infinity, 1e-45, -1e-45].forEach((odd, i) => {
      if (5 * i < n) y[5 * i] = odd;
    });
    const expected = Array.from(dy, (d, i) => (y[i]! <= 0 ? 0 : d));
    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      const dx = new Float32Array(n);
      reluGradient(y, dy, dx, n);
      expect([...dx]).toEqual(expected);
    }
    addon!.setThreads(1);
    reluGradient(y, dy, dy, n); // in place
    expect([...dy]).toEqual(expected);
  });
});
