import { beforeAll, describe, expect, it } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { ones, tensor, zeros } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { cast } from '../ops/cast.js';
import { square, sum } from '../ops/index.js';
import { reshape } from '../ops/shape.js';
import type { Shape, Tensor } from '../tensor.js';
import { use } from '../use.js';
import type { AttentionOptions } from './attention-inputs.js';
import { attentionWeights } from './attention-weights.js';
import { scaledDotProductAttention } from './scaled-dot-product-attention.js';

beforeAll(async () => void (await use(testEngine())));

/** The same as in golden/ops.py. */
function pattern(...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b);
  return tidy(() => {
    const values = Array.from({ length: size }, (_, i) => ((i * 7) % 5 === 0 ? 0 : 1));
    return cast(reshape(tensor(values), shape), 'bool');
  });
}

const by =
  (options: () => AttentionOptions) =>
  (q: Tensor, k: Tensor, v: Tensor): Tensor =>
    tidy(() => scaledDotProductAttention(q, k, v, options()));

const attention = scaledDotProductAttention;

describe('attention, against PyTorch', () => {
  testGoldenCases('attention', {
    plain: (q, k, v) => attention(q, k, v),
    matrices: by(() => ({ scale: 0.7 })),
    causal: by(() => ({ causal: true })),
    causalTall: by(() => ({ causal: true })),
    seen: by(() => ({ mask: pattern(2, 1, 4, 5) })),
    seenKeys: by(() => ({ mask: pattern(2, 1, 1, 5) })),
    added: (q, k, v, mask) => attention(q, k, v, { mask }),
    addedCausal: (q, k, v, mask) => attention(q, k, v, { mask, causal: true }),
    lengths: by(() => ({ lengths: tensor([2, 5], [2], 'int32') })),
    broadcast: (q, k, v) => attention(q, k, v),
    weights: (q, k, mask) => attentionWeights(q, k, { mask }),
  });
});

describe('scaledDotProductAttention', () => {
  const matrix = (rows: number, columns: number, step: number): Tensor =>
    tensor(
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, j) => Math.sin(step * (i * columns + j + 1))),
      ),
    );

  it('gives zeros, with gradients of zero, where everything is masked', async () => {
    const [q, k, v] = [matrix(3, 2, 1), matrix(2, 2, 2), matrix(2, 2, 3)];
    const mask = tensor([
      [true, false],
      [false, false],
      [true, true],
    ]);
    const { value, grads } = valueAndGrad((q: Tensor, k: Tensor, v: Tensor) =>
      sum(square(attention(q, k, v, { mask }))),
    )(q, k, v);
    const y = (await attention(q, k, v, { mask }).array()) as number[][];
    const values = (await v.array()) as number[][];
    expect(y[0]).toEqual(values[0]);
    expect(y[1]).toEqual([0, 0]);
    expect(Number.isFinite(await value.array())).toBe(true);
    const [dq, dk, dv] = (await Promise.all(grads.map((g) => g.array()))) as number[][][];
    expect(dq![1]).toEqual([0, 0]);
    expect([dq, dk, dv].flat(2).every(Number.isFinite)).toBe(true);
    const weights = (await attentionWeights(q, k, { mask }).array()) as number[][];
    expect(weights.slice(0, 2)).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  it('is stable for scores of any size', async () => {
    const q = tensor([[1000], [-1000]]);
    const k = tensor([[1000], [999]]);
    const v = tensor([[1], [2]]);
    expect(await attention(q, k, v).array()).toEqual([[1], [2]]);
  });

  it('counts an infinite mask as masked, and lengths beyond the keys as all of them', async () => {
    const [q, k, v] = [ones([1, 2, 2]), ones([1, 3, 2]), tensor([[[1], [2], [6]]])];
    const mask = tensor([0, -Infinity, 0]);
    const mean = async (options: AttentionOptions): Promise<number> =>
      ((await attention(q, k, v, options).array()) as number[][][])[0]![1]![0]!;
    expect(await mean({ mask })).toBeCloseTo(3.5, 5);
    expect(await mean({ mask: tensor([[true], [false]]) })).toBe(0);
    const lengths = (n: number): Tensor => tensor([n], [1], 'int32');
    expect(await mean({ lengths: lengths(7) })).toBeCloseTo(3, 5);
    expect(await mean({ lengths: lengths(1) })).toBe(1);
    expect(await mean({ lengths: lengths(0) })).toBe(0);
    expect(await mean({ lengths: lengths(2), mask, causal: true })).toBe(1);
  });

  it('takes nothing', async () => {
    const of = (q: Shape, k: Shape, v: Shape): Tensor => attention(zeros(q), zeros(k), ones(v));
    expect(of([0, 3, 2], [0, 4, 2], [0, 4, 5]).shape).toEqual([0, 3, 5]);
    expect(of([2, 0, 2], [2, 4, 2], [2, 4, 5]).shape).toEqual([2, 0, 5]);
    expect(await of([1, 2], [0, 2], [0, 2]).array()).toEqual([[0, 0]]);
    expect(attentionWeights(zeros([2, 3]), zeros([0, 3])).shape).toEqual([2, 0]);
    const dq = grad((q: Tensor) => sum(attention(q, zeros([0, 2]), zeros([0, 2]))))(ones([1, 2]));
    expect(await dq.array()).toEqual([[0, 0]]);
  });

  it('leaks nothing, also when what follows throws', () => {
    const q = matrix(3, 2, 1);
    const options = { mask: matrix(3, 3, 2), causal: true };
    const before = memory().numTensors;
    tidy(() => {
      grad((x: Tensor) => sum(grad((x: Tensor) => sum(attention(x, x, x, options)))(x)))(q);
      attentionWeights(q, q, options);
    });
    attention(q, q, q, options).dispose();
    expect(() =>
      grad((x) => {
        attention(x, x, x, options);
        throw new Error('later');
      })(q),
    ).toThrow('later');
    expect(memory().numTensors).toBe(before);
  });
});

it.each([
  ['vectors', () => attention(ones([2]), ones([3, 2]), ones([3, 2])), ShapeError, /q .*two axes/],
  [
    'integers',
    () => attention(zeros([2, 2], 'int32'), ones([3, 2]), ones([3, 2])),
    ShapeError,
    /q is .*cast/,
  ],
  [
    'other features',
    () => attention(ones([2, 4]), ones([3, 2]), ones([3, 2])),
    ShapeError,
    /features.*\[2, 4\].*\[3, 2\]/,
  ],
  [
    'too few values',
    () => attention(ones([2, 4]), ones([3, 4]), ones([2, 4])),
    ShapeError,
    /value for each key.*\[3, 4\].*\[2, 4\]/,
  ],
  [
    'batches that do not broadcast',
    () => attention(ones([2, 2, 4]), ones([3, 3, 4]), ones([3, 4])),
    ShapeError,
    /broadcasts/,
  ],
  [
    'a mask of another shape',
    () => attention(ones([2, 4]), ones([3, 4]), ones([3, 4]), { mask: ones([2, 2, 3]) }),
    ShapeError,
    /mask.*\[2, 3\].*\[2, 2, 3\]/,
  ],
  [
    'a mask of integers',
    () => attentionWeights(ones([2, 4]), ones([3, 4]), { mask: zeros([2, 3], 'int32') }),
    ShapeError,
    /mask of attentionWeights.*bool.*int32/,
  ],
  [
    'lengths without a batch',
    () => attention(ones([2, 4]), ones([3, 4]), ones([3, 4]), { lengths: zeros([2], 'int32') }),
    ShapeError,
    /lengths.*none here/,
  ],
  [
    'lengths that are no integers',
    () => attention(ones([5, 2, 4]), ones([3, 4]), ones([3, 4]), { lengths: zeros([5]) }),
    ShapeError,
    /lengths.*int32.*5.*float32/,
  ],
  [
    'an infinite scale',
    () => attention(ones([2, 4]), ones([3, 4]), ones([3, 4]), { scale: Infinity }),
    ConfigError,
    /scale.*Infinity/,
  ],
  [
    'no truth value',
    () => attention(ones([2, 4]), ones([3, 4]), ones([3, 4]), { causal: 1 as never }),
    ConfigError,
    /causal.*number 1/,
  ],
])('%s: refused', (_, call, kind, message) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
