// Local response normalization and its gradient, against tfjs's own kernels, float64, and finite differences.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, native, numbers, operand, run, sizeOf } from './both.js';

interface Attributes {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

const ALEXNET: Attributes = { depthRadius: 2, bias: 2, alpha: 1e-4, beta: 0.75 };

/** In float64: y of the last axis of x. */
function exact(x: Float64Array, channels: number, attributes: Attributes): Float64Array {
  const { depthRadius, bias, alpha, beta } = attributes;
  return x.map((value, i) => {
    const first = i - (i % channels);
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      if (Math.abs(c - (i % channels)) <= depthRadius) sum += x[first + c]! ** 2;
    }
    return value * (bias + alpha * sum) ** -beta;
  });
}

const SHAPES = [
  [1, 1, 1, 1],
  [2, 3, 2, 3],
  [1, 2, 2, 8],
  [1, 3, 3, 16],
  [2, 2, 3, 17],
  [1, 5, 7, 96],
  [1, 1, 2, 1000],
] as const;

describe.runIf(addon).each(isas as Isa[])('local response normalization on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(SHAPES)('%i x %i x %i x %i agrees with tfjs', (...shape) => {
    const x = operand(shape, 1, 5);
    const dy = operand(shape, 2);
    const y = operand(shape, 3);
    for (const depthRadius of [0, 1, 2, 3, 5, 7, 8, 60, 1e6]) {
      for (const beta of [0.5, 0.75, 1, 0.6, -0.5]) {
        const attrs = { depthRadius, bias: 1.5, alpha: 0.3, beta };
        agree('LRN', { x }, attrs, { tolerance: 1e-6 });
        // tfjs adds up to 1000 terms in float32, one after the other.
        agree('LRNGrad', { x, y, dy }, attrs, { tolerance: 5e-6, floor: 30 });
      }
    }
  });

  it('is within 1e-6 of float64', () => {
    const x = operand([1, 4, 4, 64], 4, 100);
    for (const attrs of [ALEXNET, { depthRadius: 20, bias: 1, alpha: 1, beta: 0.75 }]) {
      const [y] = run('strata-cpu', 'LRN', { x }, attrs);
      const expected = exact(Float64Array.from(x.values), 64, attrs);
      expected.forEach((e, i) => {
        expect(Math.abs(y!.values[i]! - e)).toBeLessThan(1e-6 * Math.abs(e));
      });
    }
  });

  it('the gradient is that of finite differences in float64', () => {
    const attrs = { depthRadius: 3, bias: 1, alpha: 0.2, beta: 0.75 };
    const shape = [1, 1, 2, 19];
    const [x, dy] = [operand(shape, 5, 3), operand(shape, 6)];
    const [y] = run('strata-cpu', 'LRN', { x }, attrs);
    const inputs = { x, dy, y: { shape, values: y!.values } };
    const [dx] = run('strata-cpu', 'LRNGrad', inputs, attrs);
    const loss = (at: number, by: number): number => {
      const moved = Float64Array.from(x.values);
      moved[at]! += by;
      return exact(moved, 19, attrs).reduce((sum, v, i) => sum + v * dy.values[i]!, 0);
    };
    dx!.values.forEach((value, i) => {
      const slope = (loss(i, 1e-4) - loss(i, -1e-4)) / 2e-4;
      expect(Math.abs(value - slope)).toBeLessThan(3e-6);
    });
  });

  it.each([[[0, 2, 2, 3]], [[2, 0, 2, 3]], [[1, 2, 2, 0]]])('nothing comes of %j', (shape) => {
    const x = operand(shape, 1);
    agree('LRN', { x }, ALEXNET);
    agree('LRNGrad', { x, y: x, dy: x }, ALEXNET);
  });

  it('a NaN, an infinity or a large value stays within its windows', () => {
    for (const odd of [NaN, Infinity, -Infinity, 1e15]) {
      for (const at of [0, 7, 16, 39]) {
        const values = numbers(40, 7);
        values[at] = odd;
        const x = { shape: [1, 1, 1, 40], values };
        for (const depthRadius of [0, 1, 3, 10]) {
          const attrs = { ...ALEXNET, depthRadius };
          agree('LRN', { x }, attrs, { tolerance: 1e-6 });
          const [y] = run('strata-cpu', 'LRN', { x }, attrs);
          const inputs = { x, y: { ...x, values: y!.values }, dy: operand(x.shape, 8) };
          agree('LRNGrad', inputs, attrs, { tolerance: 1e-5, floor: 1 });
        }
      }
    }
  });

  it('a norm of zero or less has the powers of JavaScript', () => {
    const x = { shape: [1, 1, 1, 5], values: [0, 1, 2, 0, -3] };
    for (const bias of [0, -1, -100]) {
      for (const beta of [0.5, 0.75, 1, 2, 0.3]) {
        agree('LRN', { x }, { depthRadius: 0, bias, alpha: 1, beta }, { tolerance: 1e-6 });
      }
    }
  });

  it('the same bits from one thread as from four', () => {
    const shape = [3, 20, 21, 33];
    const [x, dy] = [operand(shape, 9), operand(shape, 10)];
    const outcomes = [1, 4].map((threads) => {
      addon!.setThreads(threads);
      const [y] = run('strata-cpu', 'LRN', { x }, ALEXNET);
      const inputs = { x, dy, y: { shape, values: y!.values } };
      const [dx] = run('strata-cpu', 'LRNGrad', inputs, ALEXNET);
      return [y!.values, dx!.values];
    });
    addon!.setThreads(2);
    expect(outcomes[0]).toEqual(outcomes[1]);
  });

  it('refuses arrays that are too short', () => {
    const { localResponse, localResponseGradient } = kernelsOf(isa);
    const [long, short] = [new Float32Array(sizeOf([4, 3])), new Float32Array(11)];
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const sizes = [4, 3, 1, 1, 1, 0.5] as const;
    expect(() => localResponse!(short, long, ...sizes)).toThrow(refused);
    expect(() => localResponse!(long, short, ...sizes)).toThrow(refused);
    for (let at = 0; at < 4; at++) {
      const arrays = [0, 1, 2, 3].map((i) => (i === at ? short : long));
      expect(() => localResponseGradient!(...arrays, ...sizes)).toThrow(refused);
    }
  });
});
