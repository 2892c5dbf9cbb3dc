/** Pools of windows that cover an image evenly. */
import * as core from '@stratajs/core';
import type { Drawing, Value } from '../drawing.js';
import { sizeOf } from '../program.js';
import type { ProgramOps } from './program-op.js';

type Sized = { size: [height: number, width: number] };

function drawn(d: Drawing): { x: Value; size: number[]; shape: number[] } | undefined {
  const x = d.take({
    fits: (s) => s.length === 4 && s.slice(1).every((n) => n > 0),
    shape: () => [d.size(0, 3), d.size(1, 17), d.size(1, 17), d.size(1, 17)],
  });
  const size = [d.size(1, 17), d.size(1, 17)];
  const shape = [x.shape[0]!, ...size, x.shape[3]!];
  return d.holds(x.shape) && d.holds(shape) ? { x, size, shape } : undefined;
}

function pool(f: (x: core.Tensor, size: [number, number]) => core.Tensor): ProgramOps[string] {
  return {
    draw(d) {
      const window = drawn(d);
      if (!window) return undefined;
      const { x, size, shape } = window;
      return { inputs: [x], options: { size }, results: [{ ...x, shape }] };
    },
    apply: ([x], { size }: Sized) => f(x, size),
  };
}

export const adaptivePools: ProgramOps = {
  adaptiveAvgPool2d: pool(core.adaptiveAvgPool2d),
  adaptiveMaxPool2d: pool(core.adaptiveMaxPool2d),
  adaptiveMaxPool2dWithIndices: {
    draw(d) {
      const window = drawn(d);
      if (!window) return undefined;
      const { x, size, shape } = window;
      const indices: Value = {
        shape,
        dtype: 'int32',
        low: 0,
        high: Math.max(0, sizeOf(x.shape) - 1),
      };
      return { inputs: [x], options: { size }, results: [{ ...x, shape }, indices] };
    },
    apply([x], { size }: Sized) {
      const { values, indices } = core.adaptiveMaxPool2dWithIndices(x, size);
      return [values, indices];
    },
  },
};
