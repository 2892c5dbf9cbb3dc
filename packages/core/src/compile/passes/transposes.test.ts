import { beforeAll, describe, expect, it } from 'vitest';
import { kernelsAfter, sameBits } from '../../../test/passed.js';
import { testEngine } from '../../../test/test-engine.js';
import { tensor } from '../../create.js';
import { grad } from '../../autodiff/gradients.js';
import { linear, matmul, mul, neg, sum, transpose } from '../../ops/index.js';
import { Rng } from '../../random/index.js';
import type { Tensor } from '../../tensor.js';
import { use } from '../../use.js';
import { withoutTransposes } from './transposes.js';

beforeAll(async () => void (await use(testEngine())));
const random = (...shape: number[]): Tensor => new Rng(shape.length).normal(shape);

describe('transposes', () => {
  it('cancel, and merge into one', async () => {
    const x = random(2, 3, 4);
    const turned = (t: Tensor): Tensor[] => [
      neg(transpose(transpose(t, [1, 2, 0]), [2, 0, 1])),
      transpose(transpose(transpose(t, [1, 2, 0]), [0, 2, 1]), [2, 1, 0]),
    ];
    expect((await sameBits(turned, x)).byKernel).toEqual({ Neg: 1, Transpose: 1 });
    const [, , , merged] = kernelsAfter(withoutTransposes, (t) => turned(t)[1], x).slice(-4);
    expect(merged?.inputs).toEqual({ x: 0 });
  });

  it('are Reshapes when only axes of size 1 move', async () => {
    const x = random(1, 3, 1, 4);
    const fn = (t: Tensor): Tensor[] => [transpose(t, [1, 0, 3, 2]), transpose(t, [1, 2, 0, 3])];
    expect((await sameBits(fn, x)).byKernel).toEqual({ Reshape: 2 });
    expect((await sameBits((t) => [transpose(t, [2, 3, 1, 0])], x)).byKernel).toEqual({
      Transpose: 1,
    });
  });

  it('of the last two axes go into products, on either side and both', async () => {
    const [a, b] = [
      random(5, 7),
      tensor(
        new Float32Array(15).map((_, i) => Math.sin(i)),
        [3, 5],
      ),
    ];
    const fn = (x: Tensor, y: Tensor): Tensor[] => [
      matmul(transpose(x), transpose(y)),
      matmul(y, x),
      matmul(transpose(x), y, { transposeB: true }),
      matmul(transpose(transpose(y)), transpose(x), { transposeB: true }),
      linear(transpose(x), y),
    ];
    const { byKernel, leftOut } = await sameBits(fn, a, b);
    expect(byKernel['Transpose']).toBeUndefined();
    expect(leftOut.transposes).toBeGreaterThan(0);
    const flags = kernelsAfter(
      withoutTransposes,
      (x, y) => matmul(transpose(x), transpose(y)),
      a,
      b,
    );
    expect(flags.at(-1)).toMatchObject({
      inputs: { a: 0, b: 1 },
      attrs: { transposeA: true, transposeB: true },
    });
  });

  it('of batches go into products only when they leave the batches where they are', async () => {
    const [a, b] = [random(2, 3, 4), random(2, 3, 4)];
    const stays = await sameBits((x, y) => [matmul(x, transpose(y, [0, 2, 1]))], a, b);
    expect(stays.byKernel).toEqual({ BatchMatMul: 1 });
    const moves = await sameBits(
      (x) => [matmul(transpose(x, [1, 0, 2]), transpose(x, [1, 2, 0]))],
      a,
    );
    expect(moves.byKernel).toEqual({ Transpose: 2, BatchMatMul: 1 });
  });

  it('in gradients of transposed products', async () => {
    const [a, b] = [random(3, 4), random(5, 4)];
    const loss = (x: Tensor): Tensor => sum(mul(matmul(x, transpose(b)), matmul(x, transpose(b))));
    const { byKernel } = await sameBits((x) => [grad(loss)(x)], a);
    expect(byKernel['Transpose']).toBeUndefined();
  });
});
