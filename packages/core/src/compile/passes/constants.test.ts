import { registerKernel } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sameBits } from '../../../test/passed.js';
import { testEngine } from '../../../test/test-engine.js';
import { constant, ones, tensor } from '../../create.js';
import { BackendError } from '../../errors.js';
import { run } from '../../engine.js';
import { memory } from '../../memory.js';
import { add, exp, mul, oneHot, reshape, sum, tile } from '../../ops/index.js';
import { Rng } from '../../random/index.js';
import { Scalar } from '../../state/scalar.js';
import { scalar } from '../../create.js';
import { State } from '../../state/state.js';
import type { Tensor } from '../../tensor.js';
import { use } from '../../use.js';
import { compile } from '../compile.js';
import { SMALL } from './constants.js';

let fails = false;
beforeAll(async () => {
  const register = (): void =>
    registerKernel({
      kernelName: 'FailsLater',
      backendName: 'test-engine',
      kernelFunc: ({ backend, inputs }) => {
        if (fails) throw new BackendError('no memory');
        const { x } = inputs as { x: { dataId: object; shape: number[]; dtype: 'float32' } };
        (backend as unknown as { incRef(id: object): void }).incRef(x.dataId);
        return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
      },
    });
  await use(testEngine('test-engine', register));
});
let before = 0;
beforeEach(() => (before = memory().numTensors));

describe('constants', () => {
  it('are computed once, and what they came from is freed', async () => {
    const x = tensor([1, 2, 3]);
    const fn = (t: Tensor): Tensor[] => [
      add(t, exp(mul(constant([1, 2, 3]), ones([3])))),
      sum(constant([4, 5])),
    ];
    const { byKernel, leftOut, constantBytes } = await sameBits(fn, x);
    expect(byKernel).toEqual({ Add: 1 });
    expect(leftOut.constants).toBe(4);
    expect(constantBytes).toBe(16);
    const compiled = compile(fn);
    for (const t of compiled(x)) t.dispose();
    expect(memory().numTensors).toBe(before + 3);
    compiled.dispose();
    x.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('that a program gives stay the same when the caller frees them', async () => {
    const compiled = compile(() => [reshape(constant([1, 2]), [2, 1]), ones([2])]);
    for (let call = 0; call < 3; call++) {
      for (const [i, t] of compiled().entries()) {
        expect(Array.from((await t.data()) as Float32Array)).toEqual(
          [
            [1, 2],
            [1, 1],
          ][i],
        );
        t.dispose();
      }
    }
    compiled.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('stay kernels when they are large, and larger than what they come from', async () => {
    const small = SMALL / 4;
    const sizes = (n: number) => (t: Tensor) => [
      mul(ones([n]), t),
      mul(tile(constant([1, 2]), [n / 2]), t),
      mul(oneHot(constant([0], [1], 'int32'), n), t),
    ];
    const x = tensor([2]);
    expect((await sameBits(sizes(small), x)).kernels).toBe(3);
    expect((await sameBits(sizes(small + 2), x)).leftOut.constants).toBe(0);
    const all = new Float32Array(2 * small).fill(3);
    const folded = await sameBits((t) => [mul(exp(constant(all)), t)], x);
    expect(folded.byKernel).toEqual({ Multiply: 1 });
    x.dispose();
  });

  it('are not draws, States, Scalars, arguments or captured tensors', async () => {
    const rng = new Rng(2);
    const [state, s, captured] = [new State(tensor([1])), new Scalar(2), tensor([3])];
    const fn = compile((t: Tensor) => [
      exp(rng.uniform([1])),
      exp(state.value),
      exp(scalar(s)),
      exp(captured),
      exp(t),
    ]);
    const x = tensor([1]);
    const { byKernel, leftOut } = fn.explain(x);
    expect([byKernel['Exp'], leftOut.constants]).toEqual([5, 0]);
    fn.dispose();
    for (const t of [x, state, captured]) t.dispose();
  });

  it('are not what a Scalar among the attributes changes', async () => {
    const s = new Scalar(2);
    const fn = compile(() => run('Fill', {}, { shape: [1], value: 1, dtype: 'float32', s }));
    expect(fn.explain().byKernel).toEqual({ Fill: 1 });
    fn.dispose();
  });

  it('are all freed when a kernel fails while they are computed', () => {
    const fn = compile((t: Tensor) => {
      const y = run('FailsLater', { x: exp(constant([1, 2])) });
      fails = true;
      return add(y, t);
    });
    const x = tensor([1, 1]);
    expect(() => fn(x)).toThrow('no memory');
    fails = false;
    x.dispose();
    expect(memory().numTensors).toBe(before);
    expect(fn.programs).toBe(0);
  });
});
