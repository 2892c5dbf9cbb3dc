/** Recording of gradients, cleaned up whatever happens. */
import { engine, run } from '../engine.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { describe, isTensor } from '../engine.js';
import type { Tensor } from '../tensor.js';
import { keepTapeInOrder } from './tape-order.js';

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
 */
export function backpropagate(
  fn: () => Tensor,
  xs: readonly Tensor[],
  dy: Tensor | undefined,
): { value: Tensor; grads: Tensor[] } {
  const e = engine();
  keepTapeInOrder(e);
  const outermost = e.state.gradientDepth === 0;
  // Not null when this runs inside a gradient function, whose own walk back still needs its tape.
  const outerTape = outermost ? e.state.activeTape : null;
  try {
    const { value, grads } = e.gradients(() => checkResult(fn()), xs, dy, true);
    // A gradient may be dy itself (that of mod()), which the caller owns.
    const own = (g: Tensor): Tensor => (g === dy ? run('Identity', { x: g }) : g);
    return { value, grads: grads.map((g, i) => (g ? own(g) : run('ZerosLike', { x: xs[i] }))) };
  } catch (error) {
    // tfjs leaves its tape, with every saved tensor kept, when something throws.
    if (outermost && e.state.activeTape && e.state.activeTape !== outerTape) {
      for (const node of e.state.activeTape) for (const t of node.saved) t.dispose();
      e.state.activeTape = null;
    }
    throw asTyped(error);
  } finally {
    if (outerTape) e.state.activeTape = outerTape;
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
