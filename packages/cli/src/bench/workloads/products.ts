/** Products of matrices. */
import { matmul, Rng } from '@stratajs/core';
import { repeat, type Workload } from './workload.js';

interface Product {
  readonly name: string;
  readonly title: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batch?: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly bar?: number;
  readonly tfjs?: true;
}

function workload(p: Product): Workload {
  const { m, k, n, batch, transposeA = false, transposeB = false } = p;
  const lead = batch === undefined ? [] : [batch];
  const count = batch ?? 1;
  return {
    name: p.name,
    title: p.title,
    flops: 2 * count * m * k * n,
    bytes: 4 * count * (m * k + k * n + m * n),
    ...(p.bar === undefined ? {} : { bar: p.bar }),
    ...(p.tfjs ? { tfjs: true } : {}),
    prepare() {
      const rng = new Rng(1);
      const a = rng.normal([...lead, ...(transposeA ? [k, m] : [m, k])]);
      const b = rng.normal([...lead, ...(transposeB ? [n, k] : [k, n])]);
      return repeat(() => matmul(a, b, { transposeA, transposeB }));
    },
  };
}

const cube = { m: 1024, k: 1024, n: 1024, bar: 1 };

/** Not compared: the best rate of any side stands for what the machine can compute. */
export const peakProduct: Workload = workload({
  name: 'peak-product',
  title: 'matmul 2048³',
  m: 2048,
  k: 2048,
  n: 2048,
});

export const products: readonly Workload[] = [
  { name: 'matmul-1024', title: 'matmul 1024³', ...cube, tfjs: true as const },
  { name: 'matmul-1024-ta', title: 'matmul 1024³, aᵀ·b', ...cube, transposeA: true },
  { name: 'matmul-1024-tb', title: 'matmul 1024³, a·bᵀ', ...cube, transposeB: true },
  {
    name: 'matmul-1024-tatb',
    title: 'matmul 1024³, aᵀ·bᵀ',
    ...cube,
    transposeA: true,
    transposeB: true,
  },
  { name: 'matmul-odd', title: 'matmul 37x513x129', m: 37, k: 513, n: 129, bar: 1 },
  { name: 'matmul-tall', title: 'matmul 4096x64x64', m: 4096, k: 64, n: 64, bar: 1 },
  { name: 'matmul-deep', title: 'matmul 64x4096x64', m: 64, k: 4096, n: 64, bar: 1 },
  {
    name: 'matmul-batched',
    title: 'matmul 32x(128x64x128)',
    m: 128,
    k: 64,
    n: 128,
    batch: 32,
    bar: 1,
  },
].map(workload);
