import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { tensor } from '../create.js';
import { memory } from '../memory.js';
import { add, exp, identity, mul, square, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { customGrad } from './custom-grad.js';
import { grad, valueAndGrad, vjp } from './gradients.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

async function take(...tensors: Tensor[]): Promise<unknown[]> {
  const values = await Promise.all(tensors.map((t) => t.array()));
  for (const t of tensors) t.dispose();
  return values;
}

describe('cotangents are tensors of their own', () => {
  it('where a gradient gives what it was given, for two inputs', async () => {
    const plus = customGrad((_, a, b) => ({ value: add(a, b), gradient: (dy) => [dy, dy] }));
    const x = tensor([2]);
    // d/dx (x² + eˣ)·(x² + eˣ), through one dy that goes both ways
    const g = grad((x) => sum(square(plus(square(x), exp(x)))))(x);
    const expected = 2 * (4 + Math.exp(2)) * (4 + Math.exp(2));
    const [[value]] = (await take(g, x)) as [[number], number[]];
    expect(value).toBeCloseTo(expected, 2);
    expect(memory().numTensors).toBe(before);
  });

  it('where one tensor is the gradient of both inputs', async () => {
    const product = customGrad((_, a, b) => ({
      value: add(a, b),
      gradient: (dy) => {
        const g = mul(dy, 3);
        return [g, g];
      },
    }));
    const [x, y] = [tensor([1, 2]), tensor([3, 4])];
    const { value, grads } = valueAndGrad((a, b) => sum(product(square(a), square(b))))(x, y);
    expect(await take(value, ...grads, x, y)).toEqual([30, [6, 12], [18, 24], [1, 2], [3, 4]]);
    expect(memory().numTensors).toBe(before);
  });

  it('where a gradient is a tensor of the caller, who keeps it', async () => {
    const slope = tensor([5, 7]);
    const linear = customGrad((_, a) => ({ value: identity(a), gradient: () => slope }));
    const x = tensor([1, 2]);
    const g = grad((x) => sum(linear(square(x))))(x);
    const twice = grad((x) => sum(add(linear(x), linear(x))))(x);
    expect(await take(g, twice, slope, x)).toEqual([
      [10, 28],
      [10, 14],
      [5, 7],
      [1, 2],
    ]);
    expect(memory().numTensors).toBe(before);
  });

  it('where the result is the argument, or the cotangent the gradient', async () => {
    const x = tensor([1, 2]);
    const dy = tensor([3, 4]);
    const { value, pullback } = vjp((x) => x, x);
    expect(value).toBe(x);
    expect(await take(...pullback(dy))).toEqual([[3, 4]]);
    expect(await take(dy, x)).toEqual([
      [3, 4],
      [1, 2],
    ]);
    const loss = tensor(2);
    const { grads } = valueAndGrad((x) => x)(loss);
    expect(await take(...grads, loss)).toEqual([1, 2]);
    expect(memory().numTensors).toBe(before);
  });

  it('where one tensor is given for two arguments', async () => {
    const x = tensor([3]);
    const { value, grads } = valueAndGrad((a, b) => sum(mul(a, b)))(x, x);
    expect(await take(value)).toEqual([9]);
    expect(await Promise.all(grads.map((g) => g.array()))).toEqual([[6], [6]]);
    for (const t of [...grads, x]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

describe('on the way back', () => {
  /** Tensors alive when the gradient comes back to the first of `depth` operations. */
  function aliveAtTheEnd(depth: number): number {
    let alive = 0;
    const first = customGrad((_, a) => ({
      value: identity(a),
      gradient: (dy) => {
        alive = memory().numTensors;
        return identity(dy);
      },
    }));
    const x = tensor([0.1]);
    grad((x) => {
      let y = first(x);
      for (let i = 0; i < depth; i++) y = square(y);
      return sum(y);
    })(x).dispose();
    x.dispose();
    return alive;
  }

  it('what has been used is freed at once', () => {
    expect(aliveAtTheEnd(20)).toBe(aliveAtTheEnd(2));
    expect(memory().numTensors).toBe(before);
  });

  it('a value that goes several ways collects its gradient', async () => {
    const x = tensor([2]);
    const g = grad((x) => {
      const y = square(x);
      return sum(add(add(y, mul(y, y)), mul(y, 3))); // 4x² + x⁴
    })(x);
    expect(await take(g, x)).toEqual([[16 + 32], [2]]);
    expect(memory().numTensors).toBe(before);
  });

  it('a second gradient still finds what the first one saved', async () => {
    const x = tensor([0.5]);
    const second = grad((x) => sum(grad((z) => sum(mul(exp(z), square(z))))(x)))(x);
    const [[value]] = (await take(second, x)) as [[number], number[]];
    expect(value).toBeCloseTo(Math.exp(0.5) * (0.25 + 4 * 0.5 + 2), 4); // (x² + 4x + 2)·eˣ
    expect(memory().numTensors).toBe(before);
  });
});
