/** What a step holds from call to call: States with their slots, Scalars, generators, tensors from outside. */
import {
  dispose,
  keep,
  Parameter,
  Rng,
  Scalar,
  scalar,
  State,
  tensor,
  type Tensor,
  tidy,
  zeros,
} from '@stratajs/core';
import { elementsOf } from './elements.js';
import type { ProgramInput } from './program.js';
import { isUpdate, type StepProgram, type Update } from './step-program.js';

/** What an update moves besides its parameters. */
interface Slots {
  readonly first: readonly State[];
  readonly second: readonly State[];
  readonly step: State;
}

export class StepHoldings {
  /** By the number of their input: Parameters where they hold float32. */
  readonly states: ReadonlyMap<number, State>;
  readonly captured: ReadonlyMap<number, Tensor>;
  readonly slots: ReadonlyMap<Update, Slots>;
  readonly scalars: readonly Scalar[];
  readonly rngs: readonly Rng[] = [new Rng(1), new Rng(2)];

  constructor({ graph, roles, scalars, effects }: StepProgram) {
    const states = new Map<number, State>();
    const captured = new Map<number, Tensor>();
    graph.inputs.forEach((input, i) => {
      if (roles[i] === 'captured') captured.set(i, keep(tensorOf(input)));
      if (roles[i] === 'state') states.set(i, stateOf(input, String(i)));
    });
    this.states = states;
    this.captured = captured;
    this.scalars = scalars.map(([first]) => new Scalar(first!));
    const updates = effects.map(({ effect }) => effect).filter(isUpdate);
    this.slots = new Map(updates.map((update) => [update, slotsOf(update, states)]));
  }

  /** States and slots by name. */
  allStates(): Map<string, State> {
    const all = new Map([...this.states].map(([i, state]) => [`state ${i}`, state]));
    for (const { first, second, step } of this.slots.values()) {
      for (const slot of [...first, ...second, step]) all.set(`slot ${all.size}`, slot);
    }
    return all;
  }

  dispose(): void {
    dispose([...this.allStates().values(), ...this.captured.values()]);
  }
}

export function tensorOf(input: ProgramInput): Tensor {
  return tensor(elementsOf(input), input.shape, input.dtype);
}

function stateOf(input: ProgramInput, name: string): State {
  return tidy(() =>
    input.dtype === 'float32'
      ? new Parameter(tensorOf(input), { name })
      : new State(tensorOf(input)),
  );
}

function slotsOf({ kind, states }: Update, all: ReadonlyMap<number, State>): Slots {
  const slots = (): State[] => states.map((i) => new State(zeros(all.get(i)!.shape)));
  return tidy(() => ({
    first: kind === 'average' ? [] : slots(),
    second: kind === 'adam' ? slots() : [],
    step: new State(scalar(0, 'int32')),
  }));
}
