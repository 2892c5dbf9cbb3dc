// conv2d's `algorithm`, through the engine: every one computes the convolution and its gradients of any order.
import {
  add,
  closeBackends,
  conv2d,
  grad,
  memory,
  mul,
  sum,
  type Tensor,
  tensor,
  tidy,
  use,
  vjp,
} from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import { addon, values } from './addon.js';
import { type Convolution, forEachProduct, geometry, relativeError } from './convolution.js';

const ALGORITHMS = ['auto', 'direct', 'im2col', 'winograd-2x2', 'winograd-4x4', 'fft'] as const;
const BOUND = 1e-5;

const shapes: Record<string, Convolution> = {
  'odd sizes': {
    x: [2, 11, 9, 5],
    out: 7,
    kernel: [3, 3],
    pad: [
      [1, 1],
      [1, 1],
    ],
  },
  'many channels': {
    x: [3, 8, 8, 64],
    out: 48,
    kernel: [3, 3],
    pad: [
      [1, 1],
      [1, 1],
    ],
  },
  'uneven padding': {
    x: [1, 14, 15, 16],
    out: 24,
    kernel: [3, 3],
    pad: [
      [0, 2],
      [2, 1],
    ],
  },
};
const plain: Record<string, Convolution> = {
  ...shapes,
  'a large filter': {
    x: [1, 17, 15, 4],
    out: 9,
    kernel: [11, 9],
    pad: [
      [5, 5],
      [4, 4],
    ],
  },
};
const general: Record<string, Convolution> = {
  ...plain,
  'strides and 5x4': {
    x: [2, 11, 13, 4],
    out: 9,
    kernel: [5, 4],
    strides: [2, 3],
    pad: [
      [1, 2],
      [2, 0],
    ],
  },
  dilations: {
    x: [2, 12, 14, 5],
    out: 10,
    kernel: [3, 2],
    dilations: [2, 3],
    pad: [
      [2, 2],
      [3, 3],
    ],
  },
  'strides beyond the filter': { x: [2, 11, 13, 4], out: 9, kernel: [2, 2], strides: [3, 4] },
};

describe.runIf(addon)('conv2d by each algorithm', () => {
  beforeAll(async () => void (await use(cpu({ tier: 'native' }))));
  afterAll(closeBackends);

  describe.each(ALGORITHMS)('%s', (algorithm) => {
    const cases = algorithm.startsWith('winograd') ? shapes : algorithm === 'fft' ? plain : general;

    it.each(Object.entries(cases))('%s: value and gradients', async (_, c) => {
      const g = geometry(c);
      const shapeY = [c.x[0], g.sizes[4]!, g.sizes[5]!, c.out];
      const [ofX, ofFilter, ofBias, ofDy] = [g.inputs, g.filters, c.out, g.outputs].map((n, i) =>
        values(n, i + 1),
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      const y = new Float64Array(g.outputs).map((_zero, i) => ofBias[i % c.out]!);
      const [dx, dw] = [new Float64Array(g.inputs), new Float64Array(g.filters)];
      forEachProduct(c, (i, j, k) => {
        y[k]! += ofX[i]! * ofFilter[j]!;
        dx[i]! += ofDy[k]! * ofFilter[j]!;
        dw[j]! += ofX[i]! * ofDy[k]!;
      });
      const {
        strides,
        dilations,
        pad = [
          [0, 0],
          [0, 0],
        ],
      } = c;
      const before = memory().numTensors;
      const results = tidy(() => {
        const options = {
          padding: pad,
          algorithm,
          ...(strides && { strides }),
          ...(dilations && { dilations }),
        };
        const x = tensor(ofX, c.x);
        const filter = tensor(ofFilter, [...c.kernel, c.x[3], c.out]);
        const bias = tensor(ofBias);
        const f = (...[image, taps, offset]: Tensor[]): Tensor =>
          conv2d(image!, taps!, { ...options, bias: offset! });
        const { value, pullback } = vjp(f, x, filter, bias);
        return [value, ...pullback(tensor(ofDy, shapeY))];
      });
      const found = await Promise.all(results.map((t) => t.data() as Promise<Float32Array>));
      for (const t of results) t.dispose();
      expect(memory().numTensors).toBe(before);
      expect(relativeError(found[0]!, y)).toBeLessThan(BOUND);
      expect(relativeError(found[1]!, dx)).toBeLessThan(BOUND);
      expect(relativeError(found[2]!, dw)).toBeLessThan(BOUND);
    });

    it('the wish reaches every pass', async () => {
      const c = shapes['many channels'] as Convolution;
      const g = geometry(c);
      const passes = (by: typeof algorithm): Tensor[] =>
        tidy(() => {
          const [x, w] = [
            tensor(values(g.inputs, 1), c.x),
            tensor(values(g.filters, 2), [3, 3, 64, 48]),
          ];
          const f = (image: Tensor, taps: Tensor): Tensor =>
            conv2d(image, taps, { padding: 1, algorithm: by });
          const { value, pullback } = vjp(f as Parameters<typeof vjp>[0], x, w);
          return [value, ...pullback(tensor(values(g.outputs, 3), [3, 8, 8, 48]))];
        });
      const [found, direct] = [passes(algorithm), passes('direct')];
      for (const [i, t] of found.entries()) {
        const [a, b] = [await t.data(), await direct[i]!.data()];
        // Winograd's algorithm rounds otherwise, and so may a product of matrices in a depth of many passes.
        if (algorithm === 'direct') expect(a).toEqual(b);
        else if (algorithm !== 'im2col') expect(a).not.toEqual(b);
      }
      for (const t of [...found, ...direct]) t.dispose();
    });

    it('second derivatives agree with those of the sum of products', async () => {
      const c = shapes['odd sizes'] as Convolution;
      const g = geometry(c);
      /** The gradients of the squared norms of both gradients, with respect to both operands. */
      const penalty = (by: typeof algorithm): Tensor[] =>
        tidy(() => {
          const [x, w] = [
            tensor(values(g.inputs, 1), c.x),
            tensor(values(g.filters, 2), [3, 3, 5, 7]),
          ];
          const energy = (image: Tensor, taps: Tensor): Tensor => {
            const y = conv2d(image, taps, { padding: 1, algorithm: by });
            return sum(mul(y, mul(y, y)));
          };
          const squared = (image: Tensor, taps: Tensor): Tensor => {
            const dx = grad((z: Tensor) => energy(z, taps))(image);
            const dw = grad((z: Tensor) => energy(image, z))(taps);
            return add(sum(mul(dx, dx)), sum(mul(dw, dw)));
          };
          return [grad((z: Tensor) => squared(z, w))(x), grad((z: Tensor) => squared(x, z))(w)];
        });
      const [found, expected] = [penalty(algorithm), penalty('direct')];
      for (const i of [0, 1]) {
        const [a, b] = [await found[i]!.data(), await expected[i]!.data()];
        expect(relativeError(a as Float32Array, Float64Array.from(b as Float32Array))).toBeLessThan(
          10 * BOUND,
        );
      }
      for (const t of [...found, ...expected]) t.dispose();
    });
  });
});
