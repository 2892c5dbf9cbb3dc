/** Work so small that only what surrounds it counts. */
import { add, grad, matmul, relu, Rng, sum, tensor } from '@stratajs/core';
import { repeat, type Workload } from './workload.js';

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
  {
    name: 'grad-small',
    title: 'gradient of sum(relu(x·w)), 4x4',
    flops: 3 * 2 * 4 ** 3,
    bytes: 4 * 3 * 16,
    bar: 1.2,
    prepare() {
      const rng = new Rng(1);
      const x = rng.normal([4, 4]);
      const w = rng.normal([4, 4]);
      const gradient = grad((w) => sum(relu(matmul(x, w))));
      return repeat(() => gradient(w));
    },
  },
];
