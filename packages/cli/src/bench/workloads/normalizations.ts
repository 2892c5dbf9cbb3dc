/** Normalization by statistics of the data, forward and with all gradients. */
import { batchNorm, layerNorm, Rng, type Shape, type Tensor, valueAndVjp } from '@stratajs/core';
import { product, repeat, type Workload } from './workload.js';

interface Normalization {
  readonly name: string;
  readonly title: string;
  readonly shape: Shape;
  readonly layouts?: true;
  of(x: Tensor, weight: Tensor, bias: Tensor): Tensor;
}

const normalizationsOf: readonly Normalization[] = [
  {
    name: 'layer-norm',
    title: 'layer norm over 4096x1024',
    shape: [4096, 1024],
    of: (x, weight, bias) => layerNorm(x, 1024, { weight, bias }),
  },
  {
    name: 'batch-norm',
    title: 'batch norm over 8x56x56x64',
    shape: [8, 56, 56, 64],
    layouts: true,
    of: (x, weight, bias) => batchNorm(x, { weight, bias }).y,
  },
];

export const normalizations: readonly Workload[] = normalizationsOf.map((n) => ({
  name: n.name,
  title: `${n.title}, forward and gradients`,
  // Statistics and y: eight for each element; three gradients: eleven.
  flops: 19 * product(n.shape),
  // Forward reads x and writes y; backward reads x and dy and writes dx: what lies in a cache between need not come twice.
  bytes: 4 * 5 * product(n.shape),
  bar: 1,
  ...(n.layouts ? { layouts: true } : {}),
  prepare() {
    const rng = new Rng(1);
    const x = rng.normal(n.shape);
    const dy = rng.normal(n.shape);
    const weight = rng.normal(n.shape.slice(-1));
    const bias = rng.normal(n.shape.slice(-1));
    return repeat(() => {
      const { value, grads } = valueAndVjp(n.of, [x, weight, bias], dy);
      const [dx, ...others] = grads as [Tensor, ...Tensor[]];
      value.dispose();
      for (const other of others) other.dispose();
      return dx;
    });
  },
}));
