import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tensor } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { add, exp, greater, matmul, mod, mul, relu, square, sum, where } from '../ops/index.js';
import { Parameter } from '../state/parameter.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { testEngine } from '../../test/test-engine.js';
import { customGrad } from './custom-grad.js';
import { grad, valueAndGrad, valueAndVjp, vjp } from './gradients.js';
import { noGrad, stopGradient } from './tape.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

/** Elements of the tensors, which are then disposed; nothing else may be left alive. */
async function take(...tensors: Tensor[]): Promise<unknown[]> {
  const values = await Promise.all(tensors.map((t) => t.array()));
  for (const t of tensors) t.dispose();
  return values;
}

const model = (
  ...parameters: [string, Parameter][]
): { namedParameters(): [string, Parameter][] } => ({
  namedParameters: () => parameters,
});
const parameter = (values: number[]): Parameter => tidy(() => new Parameter(tensor(values)));

describe('grad, valueAndGrad, vjp', () => {
  it('give value and gradients of each argument', async () => {
    const x = tensor([1, 2, 3]);
    const y = tensor([4, 5, 6]);
    const { value, grads } = valueAndGrad((a, b) => sum(mul(square(a), b)))(x, y);
    expect(await take(value, ...grads)).toEqual([78, [8, 20, 36], [1, 4, 9]]);
    expect(await take(grad((a) => sum(exp(a)))(tensor([0])), x, y)).toEqual([
      [1],
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('give zero for an argument that is not used', async () => {
    const [x, y] = [tensor([1, 2]), tensor([3, 4])];
    const { value, grads } = valueAndGrad((a, _unused) => sum(a))(x, y);
    expect(await take(value, ...grads, x, y)).toEqual([3, [1, 1], [0, 0], [1, 2], [3, 4]]);
    expect(memory().numTensors).toBe(before);
  });

  it('work to the second order through kernels that save their own output', async () => {
    const x = tensor([0.5]);
    const second = grad((z) => sum(grad((w) => sum(exp(mul(w, 2))))(z)));
    const [[value]] = (await take(second(x), x)) as [[number], number[]];
    expect(value).toBeCloseTo(4 * Math.E, 5);
    expect(memory().numTensors).toBe(before);
  });

  it('give a pullback whose results and cotangent are freed apart', async () => {
    const [x, dy] = [tensor([5]), tensor([1])];
    const { value, pullback } = vjp((a) => mod(a, 3), x);
    expect(await take(value, ...pullback(dy), dy, x)).toEqual([[2], [1], [1], [5]]);
    expect(memory().numTensors).toBe(before);
  });

  it('work to the third order', async () => {
    const cube = (x: Tensor): Tensor => sum(mul(x, mul(x, x)));
    const first = grad(cube);
    const second = grad((x) => sum(first(x)));
    const third = grad((x) => sum(second(x)));
    const x = tensor([2, 3]);
    expect(await take(first(x), second(x), third(x), x)).toEqual([
      [12, 27],
      [12, 18],
      [6, 6],
      [2, 3],
    ]);
    expect(memory().numTensors).toBe(before);
  });

  it('vjp pulls any cotangent back', async () => {
    const [x, w, dy] = [
      tensor([[1, 2]]),
      tensor([
        [1, 0, 2],
        [0, 1, 3],
      ]),
      tensor([[1, 10, 100]]),
    ];
    const { value, pullback } = vjp((a, b) => matmul(a, b), x, w);
    expect(await take(value, ...pullback(dy), x, w)).toEqual([
      [[1, 2, 8]],
      [[201, 310]],
      [
        [1, 10, 100],
        [2, 20, 200],
      ],
      [[1, 2]],
      [
        [1, 0, 2],
        [0, 1, 3],
      ],
    ]);
    dy.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('valueAndVjp runs the function once, and gives what vjp gives', async () => {
    const [x, w, dy] = [tensor([[1, 2]]), tensor([[3], [4]]), tensor([[10]])];
    let runs = 0;
    const product = (a: Tensor, b: Tensor): Tensor => {
      runs++;
      return matmul(a, b);
    };
    const { value, grads } = valueAndVjp(product, [x, w], dy);
    expect(runs).toBe(1);
    expect(await take(value, ...grads)).toEqual([[[11]], [[30, 40]], [[10], [20]]]);
    // Through it flow gradients: d/dx of 2·w·(w·x) with w = [3, 4].
    const second = grad((x) => sum(valueAndVjp((x) => square(matmul(x, w)), [x], dy).grads[0]!))(x);
    expect(await take(second, x, w, dy)).toEqual([[[420, 560]], [[1, 2]], [[3], [4]], [[10]]]);
    expect(memory().numTensors).toBe(before);
  });
});

describe('gradients over the parameters of a model', () => {
  it('go by name, skip what is frozen, and free everything else', async () => {
    const [w, b, frozen] = [parameter([2, 3]), parameter([1, 1]), parameter([9, 9])];
    frozen.trainable = false;
    const alive = memory().numTensors;
    const f = valueAndGrad(
      (x: Tensor) => sum(add(mul(mul(w.value, w.value), x), mul(b.value, frozen.value))),
      model(['w', w], ['b', b], ['frozen', frozen]),
    );
    const x = tensor([1, 10]);
    const { value, grads } = f(x);
    expect(Object.keys(grads)).toEqual(['w', 'b']);
    expect(await take(value, grads['w']!, grads['b']!, x)).toEqual([112, [4, 60], [9, 9], [1, 10]]);
    expect(memory().numTensors).toBe(alive);
    for (const p of [w, b, frozen]) p.dispose();
  });

  it('nest: the gradient of a gradient norm', async () => {
    const w = parameter([3]);
    const m = model(['w', w]);
    const loss = (): Tensor => sum(mul(w.value, mul(w.value, w.value)));
    const penalty = valueAndGrad(() => sum(square(valueAndGrad(loss, m)().grads['w']!)), m);
    const { value, grads } = penalty();
    // (3w²)² and its derivative 36w³
    expect(await take(value, grads['w']!)).toEqual([729, [972]]);
    w.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('refuse a model with nothing to train', () => {
    const p = parameter([1]);
    p.trainable = false;
    expect(() => valueAndGrad(() => sum(p.value), model(['p', p]))()).toThrow(
      /a model with none. Unfreeze/,
    );
    p.dispose();
  });
});

describe('stopGradient, noGrad, comparisons, customGrad', () => {
  it('stop the gradient', async () => {
    const x = tensor([1, -2]);
    const stopped = grad((a) => sum(mul(a, stopGradient(a))))(x);
    const none = grad((a) =>
      sum(
        mul(
          a,
          noGrad(() => square(a)),
        ),
      ),
    )(x);
    const compared = grad((a) => sum(where(greater(a, 0), square(a), mul(a, 3))))(x);
    expect(await take(stopped, none, compared, x)).toEqual([
      [1, -2],
      [1, 4],
      [2, 3],
      [1, -2],
    ]);
    expect(memory().numTensors).toBe(before);
  });

  it('a gradient inside noGrad works on its own', async () => {
    const x = tensor([3]);
    const g = grad((a) =>
      sum(
        mul(
          a,
          noGrad(() => grad((b) => sum(square(b)))(a)),
        ),
      ),
    )(x);
    expect(await take(g, x)).toEqual([[6], [3]]);
    expect(memory().numTensors).toBe(before);
  });

  it('customGrad replaces the gradient, to the second order too', async () => {
    const triple = customGrad((save, a) => {
      save(a);
      return { value: relu(a), gradient: (dy, [saved]) => mul(dy, mul(saved!, 3)) };
    });
    const x = tensor([2, -1]);
    const first = grad((a) => sum(triple(a)))(x);
    const second = grad((a) => sum(grad((b) => sum(triple(b)))(a)))(x);
    expect(await take(first, second, x)).toEqual([
      [6, -3],
      [3, 3],
      [2, -1],
    ]);
    expect(memory().numTensors).toBe(before);
  });
});

describe('when something throws', () => {
  it('nothing leaks and the engine goes on', async () => {
    const x = tensor([1, 2]);
    const boom = (a: Tensor): Tensor => {
      square(exp(a));
      throw new Error('boom');
    };
    const alive = memory().numTensors;
    expect(() => grad(boom)(x)).toThrow('boom');
    expect(() => grad((a) => sum(grad(boom)(exp(a))))(x)).toThrow('boom');
    expect(() => noGrad(() => boom(x))).toThrow('boom');
    const bad = customGrad((_, a) => ({
      value: exp(a),
      gradient: () => {
        throw new Error('bad gradient');
      },
    }));
    expect(() => grad((a) => sum(bad(square(a))))(x)).toThrow('bad gradient');
    tidy(() => {});
    expect(memory().numTensors).toBeLessThanOrEqual(alive + 2); // noGrad at top level owns nothing: its two results stay
    expect(await take(grad((a) => sum(square(a)))(x))).toEqual([[2, 4]]);
    x.dispose();
  });

  it('a parameter reads as before', async () => {
    const p = parameter([2]);
    expect(() =>
      valueAndGrad(
        () => {
          void p.value;
          throw new Error('boom');
        },
        model(['p', p]),
      )(),
    ).toThrow('boom');
    const { value, grads } = valueAndGrad(() => sum(square(p.value)), model(['p', p]))();
    expect(await take(value, grads['p']!)).toEqual([4, [4]]);
    p.dispose();
  });

  it.each([
    ['no arguments', () => grad((x) => x)(), ConfigError, /no arguments/],
    ['an array', () => grad((x) => x)([1] as never), ShapeError, /must be a tensor/],
    [
      'an integer tensor',
      () => grad((x) => x)(tensor(Int32Array.of(1))),
      ShapeError,
      /argument 0 of dtype int32/,
    ],
    [
      'a result that is no scalar',
      () => grad((x) => square(x))(tensor([1, 2])),
      ShapeError,
      /shape \[2\].*mean\(\) or sum\(\)/,
    ],
    [
      'a result that is no tensor',
      () => grad(() => 3 as never)(tensor([1])),
      ShapeError,
      /must return a tensor. Received: number 3/,
    ],
    [
      'an asynchronous function',
      () => grad((async (x: Tensor) => x) as never)(tensor([1])),
      ConfigError,
      /must be synchronous/,
    ],
    ['no function', () => valueAndGrad(3 as never), ConfigError, /takes a function/],
    [
      'a cotangent of another shape',
      () => vjp((x) => x, tensor([1, 2])).pullback(tensor([1])),
      ShapeError,
      /Expected: \[2\]. Received: \[1\]/,
    ],
    [
      'a known cotangent of another shape',
      () => valueAndVjp((x) => x, [tensor([1, 2])], tensor([1])),
      ShapeError,
      /valueAndVjp\(\).*Expected: \[2\]. Received: \[1\]/,
    ],
    [
      'a known cotangent of no argument',
      () => valueAndVjp((x) => x, [], tensor([1])),
      ConfigError,
      /Received: no arguments/,
    ],
  ])('refuses %s', (_, act, type, message) => {
    tidy(() => {
      expect(act).toThrow(type);
      expect(act).toThrow(message);
    });
  });
});
