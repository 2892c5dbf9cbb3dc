/** Gradients of functions of tensors. */
import { recording } from '../compile/recording.js';
import { assertTensor, describe } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { ModuleLike } from '../module-like.js';
import type { Parameter } from '../state/parameter.js';
import { State } from '../state/state.js';
import { share } from '../engine.js';
import type { Tensor } from '../tensor.js';
import { backpropagate } from './tape.js';

type TensorFunction = (...xs: Tensor[]) => Tensor;

/** The gradient of every trainable parameter, by the name that its module gives it. */
export type NamedGradients = Readonly<Record<string, Tensor>>;

/**
 * The gradient of a scalar function with respect to its first argument.
 *
 * `grad(f)(x)` is ∂f/∂x, of the shape of x. An argument that f does not use has gradient zero.
 *
 * @throws ShapeError when f does not return a float32 scalar.
 */
export function grad(fn: TensorFunction): (...xs: Tensor[]) => Tensor {
  const all = valueAndGrad(fn);
  return (...xs) => tidy(() => all(...xs).grads[0]!);
}

/**
 * The value of a scalar function and its gradients: with respect to each tensor argument, or, when a
 * model is given, with respect to each of its trainable parameters.
 *
 *     const { value, grads } = valueAndGrad((x) => sum(square(x)))(x);          // grads: Tensor[]
 *     const { value, grads } = valueAndGrad(() => loss(model.forward(x), y), model)();
 *
 * Values and gradients belong to the caller. Works inside itself, for higher orders.
 *
 * @throws ShapeError when the function does not return a float32 scalar.
 */
export function valueAndGrad(
  fn: TensorFunction,
): (...xs: Tensor[]) => { value: Tensor; grads: Tensor[] };
export function valueAndGrad<A extends unknown[]>(
  fn: (...args: A) => Tensor,
  model: Pick<ModuleLike, 'namedParameters'>,
): (...args: A) => { value: Tensor; grads: NamedGradients };
export function valueAndGrad(
  fn: (...args: never[]) => Tensor,
  model?: Pick<ModuleLike, 'namedParameters'>,
): (...args: never[]) => { value: Tensor; grads: Tensor[] | NamedGradients } {
  if (typeof fn !== 'function') {
    throw new ConfigError(`valueAndGrad() takes a function. Received: ${describe(fn)}.`);
  }
  const f = fn as (...args: unknown[]) => Tensor;
  if (model) return (...args) => modelGradients(() => scalarResult(f(...args)), model);
  return (...args) => {
    const xs = args as Tensor[];
    checkArguments(xs);
    return backpropagate(() => scalarResult(f(...xs)), xs, undefined);
  };
}

/**
 * The value of `fn` at `xs`, of any shape, and the function that maps a cotangent `dy` of that shape
 * to dy · ∂fn/∂x for each x (vector-Jacobian product). Each call of it runs `fn` again.
 */
export function vjp(
  fn: TensorFunction,
  ...xs: Tensor[]
): { value: Tensor; pullback: (dy: Tensor) => Tensor[] } {
  checkArguments(xs);
  const value = tidy(() => fn(...xs));
  return {
    value,
    pullback: (dy) => {
      assertTensor(dy, 'The cotangent of vjp()');
      checkCotangent('vjp', value, dy);
      return tidy(() => backpropagate(() => fn(...xs), xs, dy).grads);
    },
  };
}

/**
 * The value of `fn` at `xs`, of any shape, and dy · ∂fn/∂x for each x: what `vjp()` gives for a cotangent that is known
 * before, with `fn` run once.
 *
 *     const { value, grads } = valueAndVjp((x, w) => conv2d(x, w), [x, w], dy);
 *
 * Value and gradients belong to the caller.
 *
 * @throws ShapeError when `dy` has not the shape of the value.
 */
export function valueAndVjp(
  fn: TensorFunction,
  xs: readonly Tensor[],
  dy: Tensor,
): { value: Tensor; grads: Tensor[] } {
  checkArguments(xs);
  assertTensor(dy, 'The cotangent of valueAndVjp()');
  return tidy(() => backpropagate(() => checkCotangent('valueAndVjp', fn(...xs), dy), xs, dy));
}

/** Gives `value`, or throws when the cotangent has another shape. */
function checkCotangent(op: string, value: Tensor, dy: Tensor): Tensor {
  if (value?.shape === undefined || String(dy.shape) === String(value.shape)) return value;
  throw new ShapeError(
    `The cotangent of ${op}() has the shape of the value. Expected: [${value.shape.join(', ')}]. ` +
      `Received: [${dy.shape.join(', ')}].`,
  );
}

function modelGradients(
  fn: () => Tensor,
  model: Pick<ModuleLike, 'namedParameters'>,
): { value: Tensor; grads: NamedGradients } {
  const named = trainable(model);
  recording()?.guard(model, 'the set of its parameters', () => sameParameters(named, model));
  return tidy(() => {
    const leaves = named.map(([, p]) => leafOf(p));
    const before = named.map(([, p], i) => State.setLeaf(p, leaves[i]!));
    try {
      const { value, grads } = backpropagate(fn, leaves, undefined);
      return { value, grads: Object.fromEntries(named.map(([name], i) => [name, grads[i]!])) };
    } finally {
      named.forEach(([, p], i) => State.setLeaf(p, before[i]!));
    }
  });
}

function sameParameters(
  named: readonly (readonly [string, Parameter])[],
  model: Pick<ModuleLike, 'namedParameters'>,
): boolean {
  const now = [...model.namedParameters()].filter(([, p]) => p.trainable);
  return (
    now.length === named.length &&
    named.every(([name, p], i) => now[i]![0] === name && now[i]![1] === p)
  );
}

/** One tensor for all reads of `p`: new storage shared with the cell, or, nested, the outer leaf's value on its tape. */
function leafOf(p: Parameter): Tensor {
  return State.leafOf(p) ?? share(State.heldBy(p));
}

function trainable(model: Pick<ModuleLike, 'namedParameters'>): [string, Parameter][] {
  const named = [...model.namedParameters()].filter(([, p]) => p.trainable) as [
    string,
    Parameter,
  ][];
  if (named.length === 0) {
    throw new ConfigError(
      'A gradient with respect to a model needs a trainable parameter. Received: a model with none. ' +
        'Unfreeze a layer, or set trainable = true.',
    );
  }
  return named;
}

function checkArguments(xs: readonly unknown[]): void {
  if (xs.length === 0) {
    throw new ConfigError(
      'A gradient needs something to be taken of. Received: no arguments. ' +
        'Pass the tensors, or give valueAndGrad() a model as its second argument.',
    );
  }
  xs.forEach((x, i) => {
    assertTensor(x, `Argument ${i} of a function whose gradient is taken`);
    if (x.dtype !== 'float32') {
      throw new ShapeError(
        `Gradients are taken with respect to float32 tensors. Received: argument ${i} of dtype ${x.dtype}. ` +
          'Close over tensors that need no gradient.',
      );
    }
  });
}

function scalarResult(y: Tensor): Tensor {
  if (y?.rank !== undefined && y.rank !== 0) {
    throw new ShapeError(
      `A loss is a scalar. Received: a result of shape [${y.shape.join(', ')}]. ` +
        'Reduce it with mean() or sum(), or use vjp() for a result of any shape.',
    );
  }
  return y;
}
