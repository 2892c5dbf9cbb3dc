import {
  assign,
  compile,
  type Compiled,
  CompileError,
  type CompileOptions,
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

/** How the step is compiled: `checkEvery` and `checkTolerance` of compile(). */
export type CompiledStepOptions = Pick<CompileOptions, 'checkEvery' | 'checkTolerance'>;

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

/** What a step computes. */
interface Computed {
  readonly loss: Tensor;
  readonly gate: Tensor;
  readonly totals: Record<string, Tensor>;
}

/**
 * Steps of training, with no read of a value: forward, loss, gradients, gate, metrics, update.
 *
 *     gate = firstNonFinite([…gradients, loss])
 *
 * A step whose gate is shut changes nothing: neither parameters and slots, nor the states that forward
 * itself assigns (running statistics), which are put back on the device. One that throws changes nothing
 * either, but for the generators that forward drew from. Frees all it made.
 *
 * Steps are compiled. Where the first one cannot be, a warning says why, and all of them run eagerly.
 */
export class TrainStep {
  private readonly parts: StepParts;
  private totals: EpochTotals | null = null;
  private compiled: Compiled<[Tensor, Tensor, Readonly<Record<string, Tensor>>], Computed> | null;
  private done = 0;

  /** @param compiles Whether steps are compiled, and how. */
  constructor(parts: StepParts, compiles: boolean | CompiledStepOptions) {
    this.parts = parts;
    const options = typeof compiles === 'object' ? compiles : {};
    this.compiled =
      compiles === false
        ? null
        : compile((x, y, before) => this.compute(x, y, before), {
            ...options,
            name: 'The step of the trainer',
          });
  }

  run(totals: EpochTotals, { x, y }: TrainingBatch): StepResult {
    this.totals = totals;
    return tidy(() => {
      const buffers = buffersOf(this.parts.model);
      const before = buffers.map((state) => state.value);
      try {
        const { loss, gate, totals: next } = this.step(x, y, totals.current());
        totals.commit(next);
        this.done++;
        return { loss, gate, names: this.names() };
      } catch (error) {
        buffers.forEach((state, i) => assign(state, before[i]!));
        throw error;
      }
    });
  }

  /** Frees what the compiled step keeps. */
  dispose(): void {
    this.compiled?.dispose();
  }

  private step(x: Tensor, y: Tensor, totals: Readonly<Record<string, Tensor>>): Computed {
    if (this.compiled === null) return this.compute(x, y, totals);
    try {
      return this.compiled(x, y, totals);
    } catch (error) {
      // Where there is a program, its run was refused, or a check.
      const isRecorded = this.done > 0 || this.compiled.programs > 0;
      if (!(error instanceof CompileError) || isRecorded) throw error;
      console.warn(
        `The step of the trainer runs eagerly, which is slower, because it cannot be compiled: ${error.message} ` +
          'Or say so by { compile: false }.',
      );
      this.compiled = null;
      return this.compute(x, y, totals);
    }
  }

  private compute(x: Tensor, y: Tensor, before: Readonly<Record<string, Tensor>>): Computed {
    const { model, optimizer, loss: lossOf, transformGradients } = this.parts;
    const buffers = buffersOf(model);
    const held = buffers.map((state) => state.value);
    let output: Tensor | null = null;
    try {
      const { value: loss, grads } = valueAndGrad(() => {
        const result = forward(model, x);
        // Beyond the tape's own scope: the metrics want it afterwards.
        output = keep(stopGradient(result));
        return lossOf(result, y);
      }, model)();
      const updates = transformGradients ? transformGradients(grads) : grads;
      const gate = firstNonFinite([...testedGradients(grads, transformGradients && updates), loss]);
      const totals = this.totals!.after(before, loss, output!, y, x.shape[0]!);
      // From here on nothing throws for what the user passed: all or nothing is changed.
      optimizer.step(updates, { gate });
      putBackUnless(gate, buffers, held);
      return { loss, gate, totals };
    } finally {
      (output as Tensor | null)?.dispose();
    }
  }

  /** What the gate's indices mean. */
  private names(): string[] {
    const { model, transformGradients } = this.parts;
    const trained = [...model.namedParameters()].filter(([, p]) => p.trainable);
    const names = trained.map(([name]) => name);
    return transformGradients ? [...names, ...names] : names;
  }
}

/** The States of a model that are no parameters. */
function buffersOf(model: ModuleLike): State[] {
  return [...model.namedStates()].map(([, s]) => s).filter((s) => !(s instanceof Parameter));
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
 * The gradients to test. Those from before a transform come first: clipping by the norm turns one infinity into
 * NaN everywhere, and would hide where it came from.
 */
function testedGradients(grads: NamedGradients, updates: NamedGradients | undefined): Tensor[] {
  const raw = Object.entries(grads);
  if (updates === undefined) return raw.map(([, g]) => g);
  const missing = raw.filter(([name]) => !isTensor(updates?.[name])).map(([name]) => `'${name}'`);
  if (missing.length > 0) {
    throw new ShapeError(
      'transformGradients returns a gradient for each parameter that it was given one for. ' +
        `Received: none for ${missing.join(', ')}.`,
    );
  }
  return [...raw.map(([, g]) => g), ...raw.map(([name]) => updates[name]!)];
}

function putBackUnless(gate: Tensor, buffers: readonly State[], before: readonly Tensor[]): void {
  if (buffers.length === 0) return;
  noGrad(() => {
    const finite = equal(gate, -1);
    buffers.forEach((state, i) => assign(state, where(finite, state.value, before[i]!)));
  });
}
