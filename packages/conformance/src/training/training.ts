/** Trainings: steps that are taken eagerly and compiled, and what they move. */
import { type Rng, type Shape, type State, tensor, type Tensor } from '@stratajs/core';
import { hostRandom } from '../host-random.js';

/** Gives an equal run in each call: from the same seeds, with States of its own. */
export type Training = () => TrainingRun;

export interface TrainingRun {
  /** The step, which is compiled. Returns tensors, in arrays and plain records. */
  step(...args: Tensor[]): unknown;
  /** Its arguments, those of step `n` (from 0) other than those before. */
  args(n: number): Tensor[];
  /** What is done outside, before step `n`: schedules, freezing, train() and eval(). */
  before?(n: number): void;
  /** All that a step may move, by name. */
  readonly states: ReadonlyMap<string, State>;
  /** Generators that it draws from. */
  readonly rngs?: readonly Rng[];
  /** How many programs the steps need at most, one for each state of the guards. */
  readonly programs: number;
  /** How many steps are taken. */
  readonly steps: number;
  dispose(): void;
}

/** An argument, drawn anew for each step. */
export interface TrainingInput {
  readonly shape: Shape;
  /** Default 'float32'. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
  /** Bounds, the upper one left out. Default: −1 and 1; of int32 and bool 0 and 2. */
  readonly low?: number;
  readonly high?: number;
}

export function drawInputs(inputs: readonly TrainingInput[], seed: number): Tensor[] {
  const random = hostRandom(seed);
  return inputs.map(({ shape, dtype = 'float32', low, high }) => {
    const [from, to] = [
      low ?? (dtype === 'float32' ? -1 : 0),
      high ?? (dtype === 'float32' ? 1 : 2),
    ];
    const size = shape.reduce((a, b) => a * b, 1);
    const draw = (): number => from + random() * (to - from);
    if (dtype === 'float32') return tensor(Float32Array.from({ length: size }, draw), shape);
    return tensor(
      Int32Array.from({ length: size }, () => Math.floor(draw())),
      shape,
      dtype,
    );
  });
}
