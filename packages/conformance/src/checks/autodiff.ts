/** What gradients promise beside their numbers: stops, unused arguments, models, higher orders. */
import {
  add,
  clip,
  cos,
  customGrad,
  dispose,
  equal,
  exp,
  grad,
  greater,
  greaterEqual,
  identity,
  less,
  lessEqual,
  logicalNot,
  mul,
  noGrad,
  notEqual,
  Parameter,
  pow,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
  where,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertEqual, assertIdentical, take, type Tolerance } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';

const comparisons = { equal, greater, greaterEqual, less, lessEqual, notEqual };
const points = [-1.5, -0.3, 0.4, 2];

export function autodiff(tolerance: Tolerance): Check[] {
  return [
    ...Object.entries(comparisons).map(([name, compare]) => ({
      name: `${name}() stops the gradient instead of throwing`,
      run: () =>
        expectGradient(
          (x) => sum(where(logicalNot(compare(x, 0.4)), mul(x, 2), square(x))),
          points,
          points.map((v) => {
            const holds = {
              equal: v === 0.4,
              greater: v > 0.4,
              greaterEqual: v >= 0.4,
              less: v < 0.4,
              lessEqual: v <= 0.4,
              notEqual: v !== 0.4,
            };
            return holds[name as keyof typeof holds] ? 2 * v : 2;
          }),
        ),
    })),
    {
      name: 'stopGradient() passes values and no gradient',
      run: () =>
        expectGradient(
          (x) => sum(mul(x, stopGradient(square(x)))),
          points,
          points.map((v) => v * v),
        ),
    },
    {
      name: 'what noGrad() computes is a constant',
      run: () =>
        expectGradient(
          (x) =>
            sum(
              mul(
                x,
                noGrad(() => exp(x)),
              ),
            ),
          points,
          points.map(Math.exp),
        ),
    },
    {
      name: 'a gradient inside noGrad() works',
      run: () =>
        expectGradient(
          (x) =>
            sum(
              mul(
                x,
                noGrad(() => grad((z) => sum(square(z)))(x)),
              ),
            ),
          points,
          points.map((v) => 2 * v),
        ),
    },
    {
      name: 'an argument that is not used has gradient zero',
      async run() {
        const [x, y] = [tensor([1, 2]), tensor([[3]])];
        const { value, grads } = valueAndGrad((a) => sum(square(a)))(x, y);
        assertIdentical('The value', await take(value), [5]);
        assertIdentical('The gradient of what is used', await take(grads[0]!), [2, 4]);
        assertEqual('The shape of a zero gradient is wrong', grads[1]!.shape, [1, 1]);
        assertIdentical('The gradient of what is not', await take(grads[1]!), [0]);
        dispose([x, y]);
      },
    },
    {
      name: 'customGrad() replaces the gradient',
      run() {
        const gradient = customGrad((_, x) => ({
          value: identity(x),
          gradient: (dy) => clip(dy, -1, 1),
        }));
        return expectGradient(
          (x) => sum(mul(gradient(x), tensor([5, 0.5, -0.5, -5]))),
          points,
          [1, 0.5, -0.5, -1],
        );
      },
    },
    {
      name: 'customGrad() hands on what it saved',
      run() {
        const cube = customGrad((save, x) => {
          save(x);
          return {
            value: mul(x, square(x)),
            gradient: (dy, [saved]) => mul(dy, mul(square(saved!), 3)),
          };
        });
        return expectGradient(
          (x) => sum(cube(x)),
          points,
          points.map((v) => 3 * v * v),
        );
      },
    },
    {
      name: 'gradients of a model: by name, once for a shared parameter, none for a frozen one',
      async run() {
        const [w, b] = tidy(() => [new Parameter(tensor([2, 3])), new Parameter(tensor([1, 1]))]);
        const model = {
          namedParameters: () =>
            [
              ['w', w!],
              ['b', b!],
            ] as const,
        };
        const x = tensor([5, 7]);
        const loss = valueAndGrad(() => sum(add(mul(mul(w!.value, x), w!.value), b!.value)), model);
        await assertNoLeak('Gradients of a model', () => dispose(loss()));
        const { value, grads } = loss();
        assertIdentical('The loss', await take(value), [85]);
        assertIdentical('The gradient of w', await take(grads['w']!), [20, 42]);
        assertIdentical('The gradient of b', await take(grads['b']!), [1, 1]);
        b!.trainable = false;
        const frozen = loss();
        assertEqual('The names of gradients are wrong', Object.keys(frozen.grads), ['w']);
        dispose([frozen, w, b, x]);
      },
    },
    ...higherOrders(tolerance),
  ];
}

/** The n-th derivative of an element-wise function, by nesting grad(). */
const derivatives: readonly [string, (x: Tensor) => Tensor, number, (v: number) => number][] = [
  ['x³, second', (x) => pow(x, 3), 2, (v) => 6 * v],
  ['x³, third', (x) => mul(x, square(x)), 3, () => 6],
  ['sin, third', sin, 3, (v) => -Math.cos(v)],
  ['cos, fourth', cos, 4, Math.cos],
  ['exp(2x), third', (x) => exp(mul(x, 2)), 3, (v) => 8 * Math.exp(2 * v)],
  ['x·exp(−x), second', (x) => mul(x, exp(sub(0, x))), 2, (v) => (v - 2) * Math.exp(-v)],
];

function higherOrders(tolerance: Tolerance): Check[] {
  return derivatives.map(([name, f, order, expected]) => ({
    name: `the derivative of ${name}`,
    run() {
      let nested = f;
      for (let i = 1; i < order; i++) {
        const inner = nested;
        nested = (x) => grad((z) => sum(inner(z)))(x);
      }
      return expectGradient((x) => sum(nested(x)), points, points.map(expected), tolerance);
    },
  }));
}

async function expectGradient(
  f: (x: Tensor) => Tensor,
  at: readonly number[],
  expected: readonly number[],
  tolerance: Tolerance = { relative: 1e-6, ofGreatest: 1e-6 },
): Promise<void> {
  const x = tensor(at);
  await assertNoLeak('The gradient', () => grad((z) => tidy(() => f(z)))(x).dispose());
  assertClose('The gradient', await take(grad((z) => tidy(() => f(z)))(x)), expected, tolerance);
  x.dispose();
}
