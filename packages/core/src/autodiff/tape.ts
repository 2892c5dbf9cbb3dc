/** Recording of gradients, cleaned up whatever happens. */
import { type Engine, engine, run } from '../engine.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { describe, isTensor } from '../engine.js';
import { endScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { keepTapeInOrder } from './tape-order.js';
import { walkBack } from './walk-back.js';

/**
 * Runs `fn` with no gradient recorded: what it computes is a constant to every gradient around it.
 * Gradients taken inside `fn` work, on their own.
 */
export function noGrad<T>(fn: () => T): T {
  const { state } = engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  state.activeTape = null;
  state.gradientDepth = 0;
  state.kernelDepth = 0;
  try {
    return fn();
  } finally {
    state.activeTape = activeTape;
    state.gradientDepth = gradientDepth;
    state.kernelDepth = kernelDepth;
  }
}

/** The same values as `x`, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return noGrad(() => run('Identity', { x }));
}

/**
 * Runs `fn`, then walks back from its result to `xs`. An `x` that the result does not depend on
 * has gradient zero. When `fn` or a gradient throws, what the tape had saved is freed.
 *
 * Value and gradients belong to the scope around the call.
 */
export function backpropagate(
  fn: () => Tensor,
  xs: readonly Tensor[],
  dy: Tensor | undefined,
): { value: Tensor; grads: Tensor[] } {
  const e = engine();
  keepTapeInOrder(e);
  const { state } = e;
  const outermost = state.gradientDepth === 0;
  // Not null when this runs inside a gradient function, whose own walk back still needs its tape.
  const outerTape = outermost ? state.activeTape : null;
  let results: Tensor[] = [];
  e.startScope('gradients');
  try {
    if (outermost) state.activeTape = [];
    state.gradientDepth++;
    let value: Tensor;
    try {
      value = forward(e, fn);
    } finally {
      state.gradientDepth--;
    }
    const start = dy ?? run('Fill', {}, { shape: value.shape, value: 1, dtype: 'float32' });
    const found = walkBack(e, state.activeTape!, xs, value, start, outermost);
    // A gradient may be dy itself, which the caller owns.
    const own = (g: Tensor): Tensor => (g === dy ? run('Identity', { x: g }) : g);
    const grads = found.map((g, i) => (g ? own(g) : run('ZerosLike', { x: xs[i] })));
    results = [value, ...grads];
    return { value, grads };
  } catch (error) {
    throw asTyped(error);
  } finally {
    if (outermost) {
      for (const node of state.activeTape ?? []) for (const t of node.saved) t.dispose();
      state.activeTape = outerTape;
    }
    endScope(e, results);
  }
}

function forward(e: Engine, fn: () => Tensor): Tensor {
  let value: Tensor | undefined;
  e.startScope('forward');
  try {
    return (value = checkResult(fn()));
  } finally {
    endScope(e, value === undefined ? [] : [value]);
  }
}

function checkResult(y: unknown): Tensor {
  if (y instanceof Promise) {
    y.catch(() => {});
    throw new ConfigError(
      'A function whose gradient is taken must be synchronous. Received: one that returns a promise. ' +
        'Await data before, and read values after.',
    );
  }
  if (!isTensor(y)) {
    throw new ShapeError(
      `A function whose gradient is taken must return a tensor. Received: ${describe(y)}. Return the loss.`,
    );
  }
  if (y.dtype !== 'float32') {
    throw new ShapeError(
      `Gradients are taken of float32 values. Received: a ${y.dtype} result. Cast it, or return the loss.`,
    );
  }
  return y;
}

function asTyped(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const missing = /gradient function not found for (\w+)/.exec(message);
  if (!missing) return error;
  return new BackendError(
    `The operation ${missing[1]} has no gradient. Received: a gradient that flows through it. ` +
      'Wrap its input in stopGradient(), or give it a gradient with customGrad().',
    { cause: error },
  );
}
