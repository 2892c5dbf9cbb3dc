/** What the updates of all optimizers have in common: checks, and putting results into States. */
import { noGrad } from '../autodiff/tape.js';
import { type Attributes, describe, runMany } from '../engine.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { checkTensor, sameShape, shapeText } from '../ops/arguments.js';
import { Scalar } from '../state/scalar.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';

/**
 * Checks parameters, gradients and the slots beside them: as many of each, of equal shapes, float32,
 * each State once. `extra` are further States that the update changes.
 */
export function checkUpdate(
  call: string,
  parameters: readonly State[],
  gradients: readonly (Tensor | undefined)[],
  slots: Readonly<Record<string, readonly State[]>>,
  extra: readonly State[],
  gate: Tensor | undefined,
): void {
  if (!Array.isArray(parameters) || parameters.length === 0) {
    throw new ConfigError(
      `${call}() needs at least one parameter. Received: ${Array.isArray(parameters) ? 'an empty list' : describe(parameters)}.`,
    );
  }
  checkCount(call, 'gradients', gradients, parameters.length);
  for (const [name, states] of Object.entries(slots))
    checkCount(call, name, states, parameters.length);

  const seen = new Map<State, string>();
  const visit = (state: State, name: string): void => {
    if (!(state instanceof State)) {
      throw new ConfigError(`${call}() changes States. Received: ${name} is ${describe(state)}.`);
    }
    const before = seen.get(state);
    if (before !== undefined) {
      throw new ConfigError(
        `${call}() changes each State once. Received: ${name} is the same State as ${before}. ` +
          'Pass a shared parameter once, with the sum of its gradients.',
      );
    }
    seen.set(state, name);
  };

  parameters.forEach((p, i) => {
    visit(p, `parameters[${i}]`);
    if (p.dtype !== 'float32') {
      throw new ShapeError(
        `${call}() updates float32 parameters. Received: parameters[${i}] is ${p.dtype} ${shapeText(p.shape)}.`,
      );
    }
    const g = gradients[i];
    if (g === undefined || g === null) {
      throw new ConfigError(
        `${call}() needs a gradient for each parameter. Received: none for parameters[${i}] ${shapeText(p.shape)}. ` +
          'Leave the parameter out, or give zeros.',
      );
    }
    checkTensor(g, call, `gradients[${i}]`);
    if (g.dtype !== 'float32' || !sameShape(g.shape, p.shape)) {
      throw new ShapeError(
        `A gradient of ${call}() has its parameter's shape. Expected: float32 ${shapeText(p.shape)}. ` +
          `Received: gradients[${i}] is ${describe(g)}.`,
      );
    }
  });
  for (const [name, states] of Object.entries(slots)) {
    states.forEach((s, i) => {
      visit(s, `${name}[${i}]`);
      if (s.dtype !== 'float32' || !sameShape(s.shape, parameters[i]!.shape)) {
        throw new ShapeError(
          `Each of the ${name} of ${call}() has its parameter's shape. Expected: float32 ` +
            `${shapeText(parameters[i]!.shape)}. Received: ${name}[${i}] is ${s.dtype} ${shapeText(s.shape)}.`,
        );
      }
    });
  }
  for (const state of extra) visit(state, 'step');
  if (gate !== undefined) {
    checkTensor(gate, call, 'gate');
    if (gate.dtype !== 'int32' || gate.shape.length !== 0) {
      throw new ShapeError(
        `The gate of ${call}() is an int32 scalar, −1 when it is open. Received: ${describe(gate)}. ` +
          'firstNonFinite() makes one.',
      );
    }
  }
}

/** Throws unless `value`, or the Scalar's value now, lies in [least, below). */
export function checkRate(
  call: string,
  name: string,
  value: number | Scalar,
  least: number,
  below: number,
): void {
  const now = value instanceof Scalar ? Scalar.peek(value) : value;
  if (typeof now === 'number' && now >= least && now < below) return;
  throw new ConfigError(
    `The ${name} of ${call}() lies in [${least}, ${below}). Received: ${describe(now)}.`,
  );
}

/**
 * Runs an update kernel on `states` and puts its outputs, in the order of `states`, in their place.
 * The kernel gets the tensors that the States alone hold, so that it may write into their buffers.
 */
export function runUpdate(
  name: string,
  states: readonly (readonly [string, State])[],
  others: Readonly<Record<string, Tensor>>,
  attrs: Attributes,
): void {
  const inputs: Record<string, Tensor> = { ...others };
  for (const [key, state] of states) inputs[key] = State.heldBy(state);
  const outputs = noGrad(() => runMany(name, inputs, attrs));
  if (!Array.isArray(outputs) || outputs.length !== states.length) {
    for (const t of [outputs].flat()) t.dispose();
    throw new BackendError(
      `The kernel ${name} gives ${states.length} outputs. Received: ${[outputs].flat().length}. ` +
        'KERNELS.md of @stratajs/core says which.',
    );
  }
  states.forEach(([, state], i) => State.replace(state, outputs[i]!));
}

function checkCount(call: string, name: string, list: readonly unknown[], expected: number): void {
  if (Array.isArray(list) && list.length === expected) return;
  throw new ConfigError(
    `${call}() takes as many ${name} as parameters. Expected: ${expected}. ` +
      `Received: ${Array.isArray(list) ? list.length : describe(list)}.`,
  );
}
