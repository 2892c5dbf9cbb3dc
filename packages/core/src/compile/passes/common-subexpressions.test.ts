import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kernelsAfter, sameBits } from '../../../test/passed.js';
import { testEngine } from '../../../test/test-engine.js';
import { tensor, zeros } from '../../create.js';
import { run } from '../../engine.js';
import { sgdUpdate } from '../../extension/sgd-update.js';
import { memory } from '../../memory.js';
import { add, concat, exp, mul, pad, sum, transpose } from '../../ops/index.js';
import { Rng } from '../../random/index.js';
import { Scalar } from '../../state/scalar.js';
import { assign, State } from '../../state/state.js';
import type { Tensor } from '../../tensor.js';
import { use } from '../../use.js';
import { compile } from '../compile.js';
import { withoutCommonSubexpressions } from './common-subexpressions.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const x = (): Tensor => tensor([1, -2, 3, -4], [2, 2]);

describe('common subexpressions', () => {
  it('become one kernel, also through others, and with numbers among the operands', async () => {
    const t = x();
    const fn = (a: Tensor): Tensor[] => [exp(mul(a, 2)), add(exp(mul(a, 2)), 1)];
    const { byKernel, leftOut } = await sameBits(fn, t);
    expect(byKernel).toEqual({ Multiply: 1, Exp: 1, Add: 1 });
    expect(leftOut.common).toBe(2);
    t.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('compare attributes by what they hold, and numbers as Object.is does', () => {
    const t = x();
    const kernels = (...attrs: readonly Record<string, unknown>[]): number =>
      kernelsAfter(
        withoutCommonSubexpressions,
        (a) =>
          attrs.map((of) => run('Fill', { a }, { shape: [1], value: 0, dtype: 'float32', ...of })),
        t,
      ).length;
    expect(kernels({ a: [1, { b: NaN }] }, { a: [1, { b: NaN }] })).toBe(1);
    expect(kernels({ a: new Int32Array([1, 2]) }, { a: new Int32Array([1, 2]) })).toBe(1);
    expect(kernels({ a: new Int32Array([1, 2]) }, { a: new Int32Array([1, 3]) })).toBe(2);
    expect(kernels({ a: new Int32Array([1]) }, { a: new Float32Array([1]) })).toBe(2);
    expect(kernels({ a: 0 }, { a: -0 })).toBe(2);
    expect(kernels({ a: undefined }, {})).toBe(2);
    expect(kernels({ a: { b: 1 } }, { a: { b: 1, c: 1 } })).toBe(2);
    const [one, two] = [new Scalar(1), new Scalar(1)];
    expect(kernels({ a: one }, { a: one }, { a: two })).toBe(2);
    t.dispose();
  });

  it('are not what differs in one of many attributes or in the order of inputs', async () => {
    const t = x();
    const fn = (a: Tensor): Tensor[] => [
      pad(a, [
        [1, 0],
        [0, 0],
      ]),
      pad(a, [
        [0, 1],
        [0, 0],
      ]),
      concat([a, transpose(a)], 0),
      concat([transpose(a), a], 0),
    ];
    expect((await sameBits(fn, t)).byKernel).toEqual({ PadV2: 2, Concat: 2, Transpose: 1 });
    t.dispose();
  });

  it('are not draws of random numbers', async () => {
    const rng = new Rng(1);
    const draw = compile(() => [rng.uniform([4]), rng.uniform([4])]);
    const [a, b] = (await Promise.all(draw().map(data))) as [number[], number[]];
    expect(a).not.toEqual(b);
  });

  it('are not States before and after they are written, nor updates of two States', async () => {
    const [p, q] = [new State(tensor([1, 2])), new State(tensor([1, 2]))];
    const step = compile((g: Tensor) => {
      const first = mul(p.value, 2);
      assign(q, p.value);
      sgdUpdate({ parameters: [p], gradients: [g], learningRate: 1 });
      sgdUpdate({ parameters: [q], gradients: [g], learningRate: 1 });
      return [first, mul(p.value, 2), mul(q.value, 2)];
    });
    const g = tensor([1, 1]);
    expect(step.explain(g).byKernel['StrataSgdUpdate']).toBe(2);
    const results = step(g);
    expect(await Promise.all(results.map(data))).toEqual([
      [2, 4],
      [0, 2],
      [0, 2],
    ]);
    const dataId = (state: State): unknown =>
      (State.heldBy(state) as unknown as { dataId: object }).dataId;
    expect(dataId(p)).not.toBe(dataId(q));
    for (const t of [...results, g, p, q]) t.dispose();
  });

  it('are not large tensors of one value, which are made where they are read', async () => {
    const t = tensor([1]);
    const twice = (size: number) => (a: Tensor) => [
      add(sum(zeros([size])), a),
      add(mul(zeros([size]), a), 1),
    ];
    expect(
      kernelsAfter(withoutCommonSubexpressions, twice(1024), t).map(({ name }) => name),
    ).toEqual(['Fill', 'Sum', 'Add', 'Multiply', 'Add']);
    expect((await sameBits(twice(1025), t)).byKernel['Fill']).toBe(2);
    t.dispose();
  });
});
