/** Work so small that only what surrounds it counts. */
import { add, grad, matmul, mul, relu, Rng, sum, type Tensor, tensor } from '@stratajs/core';
import { inModes, repeat, type Workload } from './workload.js';

const SCALAR_OPERATIONS = 1000;

export const small: readonly Workload[] = [
  {
    name: 'add-one',
    title: 'add of one element',
    flops: 1,
    bytes: 12,
    bar: 2,
    prepare() {
      const a = tensor([1]);
      const b = tensor([2]);
      return repeat(() => add(a, b));
    },
  },
  ...inModes(
    {
      name: 'grad-small',
      title: 'gradient of sum(relu(x·w)), 4x4',
      flops: 3 * 2 * 4 ** 3,
      bytes: 4 * 3 * 16,
      bar: 1.2,
      step() {
        const rng = new Rng(1);
        const x = rng.normal([4, 4]);
        const w = rng.normal([4, 4]);
        const gradient = grad((of) => sum(relu(matmul(x, of))));
        return () => [gradient(w)];
      },
    },
    { bar: 0.15 },
  ),
  ...inModes(
    {
      name: 'scalar-chain',
      title: `${SCALAR_OPERATIONS} dependent operations on one element`,
      flops: SCALAR_OPERATIONS,
      // Eager: each reads one element and writes one.
      bytes: 8 * SCALAR_OPERATIONS,
      // y − 1 shrinks by 0.999 each time.
      value: 1 + 0.999 ** (SCALAR_OPERATIONS / 2),
      step() {
        const x = tensor([2]);
        return () => {
          let y: Tensor = x;
          for (let i = 0; i < SCALAR_OPERATIONS; i += 2) y = add(mul(y, 0.999), 0.001);
          return [y];
        };
      },
    },
    { mostSeconds: SCALAR_OPERATIONS * 0.2e-6 },
  ),
];
