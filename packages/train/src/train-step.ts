import {
  assign,
  describeValue,
  equal,
  firstNonFinite,
  isTensor,
  keep,
  type ModuleLike,
  type NamedGradients,
  noGrad,
  Parameter,
  ShapeError,
  type State,
  stopGradient,
  type Tensor,
  tidy,
  valueAndGrad,
  where,
} from '@stratajs/core';
import type { Optimizer } from '@stratajs/optimizers';
import type { TrainingBatch } from './batches.js';
import type { EpochTotals } from './epoch-totals.js';

export type Loss = (output: Tensor, target: Tensor) => Tensor;
export type TransformGradients = (grads: NamedGradients) => NamedGradients;

export interface StepParts {
  readonly model: ModuleLike;
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly transformGradients?: TransformGradients | undefined;
}

/** What a step leaves on the device; whoever ran it disposes both. */
export interface StepResult {
  /** The loss of the batch, a float32 scalar. */
  readonly loss: Tensor;
  /** int32 scalar: −1 when all was finite, else the index of the first non-finite gradient; their number for the loss. */
  readonly gate: Tensor;
  /** The parameters that the gate's indices mean. */
  readonly names: readonly string[];
}

/**
 * One step of training, with no read of a value: forward, loss, gradients, gate, metrics, update.
 *
 *     gate = firstNonFinite([…gradients, loss])
 *
 * A step whose gate is shut changes nothing: neither parameters and slots, nor the states that forward
 * itself assigns (running statistics), which are put back on the device. One that throws changes nothing
 * either, but for the generators that forward drew from. Frees all it made.
 */
export function trainStep(
  { model, optimizer, loss: lossOf, transformGradients }: StepParts,
  totals: EpochTotals,
  { x, y }: TrainingBatch,
): StepResult {
  return tidy(() => {
    const buffers = [...model.namedStates()]
      .map(([, s]) => s)
      .filter((s) => !(s instanceof Parameter));
    const before = buffers.map((state) => state.value);
    let output: Tensor | null = null;
    try {
      const { value: loss, grads } = valueAndGrad(() => {
        const result = forward(model, x);
        // Beyond the tape's own scope: the metrics want it afterwards.
        output = keep(stopGradient(result));
        return lossOf(result, y);
      }, model)();
      const updates = transformGradients ? transformGradients(grads) : grads;
      const tested = testedGradients(grads, updates);
      const gate = firstNonFinite([...tested.map(([, g]) => g), loss]);
      const next = totals.after(loss, output!, y, x.shape[0]!);
      // From here on nothing throws for what the user passed: all or nothing is changed.
      optimizer.step(updates, { gate });
      putBackUnless(gate, buffers, before);
      totals.commit(next);
      return { loss, gate, names: tested.map(([name]) => name) };
    } catch (error) {
      buffers.forEach((state, i) => assign(state, before[i]!));
      throw error;
    } finally {
      (output as Tensor | null)?.dispose();
    }
  });
}

/** The model's output, which must be one tensor. */
export function forward(model: ModuleLike, x: Tensor): Tensor {
  const output = (model as { forward(x: Tensor): unknown }).forward(x);
  if (isTensor(output)) return output;
  throw new ShapeError(
    `A trainer's model maps one tensor to one tensor. Received: forward() returned ${describeValue(output)}. ` +
      'Wrap the model in a Module whose forward returns what the loss needs.',
  );
}

/**
 * The gradients to test, with their parameters' names. Those from before a transform come first: clipping
 * by the norm turns one infinity into NaN everywhere, and would hide where it came from.
 */
function testedGradients(grads: NamedGradients, updates: NamedGradients): [string, Tensor][] {
  const raw = Object.entries(grads);
  if (updates === grads) return raw;
  const missing = raw.filter(([name]) => !isTensor(updates?.[name])).map(([name]) => `'${name}'`);
  if (missing.length > 0) {
    throw new ShapeError(
      'transformGradients returns a gradient for each parameter that it was given one for. ' +
        `Received: none for ${missing.join(', ')}.`,
    );
  }
  return [...raw, ...raw.map(([name]): [string, Tensor] => [name, updates[name]!])];
}

function putBackUnless(gate: Tensor, buffers: readonly State[], before: readonly Tensor[]): void {
  if (buffers.length === 0) return;
  noGrad(() => {
    const finite = equal(gate, -1);
    buffers.forEach((state, i) => assign(state, where(finite, state.value, before[i]!)));
  });
}
