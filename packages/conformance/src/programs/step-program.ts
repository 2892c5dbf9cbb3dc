/**
 * A program as the step of a loop: a graph of operations with States, updates, Scalars and draws around it, as plain JSON
 * data. It is what compiled runs are compared with eager ones on.
 */
import type { Program } from './program.js';

/**
 * Where an input comes from: given in each call; held by a Parameter (float32) or a State; a tensor from outside the
 * function; or `constant()` in it.
 */
export type Role = 'argument' | 'state' | 'captured' | 'constant';

/** A value by its number in the graph, or the gradient of an input by the input's. */
export interface Operand {
  readonly of: 'value' | 'gradient';
  readonly index: number;
}

/** What happens between nodes. Values, inputs and States go by their numbers in the graph, Scalars by theirs in the step. */
export type Effect =
  /** The State holds the value from now on. */
  | { readonly kind: 'assign'; readonly state: number; readonly value: number }
  /** Nodes that come take what the State holds now. */
  | { readonly kind: 'read'; readonly state: number }
  /** These change a float32 value for the nodes that come; in gradients, too. */
  | {
      readonly kind: 'dropout';
      readonly value: number;
      readonly rate: number;
      readonly rng: number;
    }
  | {
      readonly kind: 'noise';
      readonly value: number;
      readonly how: 'uniform' | 'normal';
      readonly rng: number;
    }
  | {
      readonly kind: 'scale';
      readonly value: number;
      readonly how: 'mul' | 'add' | 'sub';
      readonly scalar: number;
    }
  /** Numbers that the step returns. */
  | {
      readonly kind: 'draw';
      readonly how: 'integers' | 'bernoulli';
      readonly shape: readonly number[];
      readonly rng: number;
    }
  | Update;

/** Update kernels on float32 States, each with slots of its own. */
export type Update = {
  readonly states: readonly number[];
  readonly by: readonly Operand[];
} & (
  | {
      readonly kind: 'sgd';
      readonly learningRate: number;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
      readonly gated: boolean;
    }
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly weightDecay: number;
      readonly decoupled: boolean;
      readonly gated: boolean;
    }
  | { readonly kind: 'average'; readonly weight: number }
);

export interface StepProgram {
  readonly graph: Program;
  /** For each input of the graph. */
  readonly roles: readonly Role[];
  /** What the Scalars hold in each call; their number is that of rows. */
  readonly scalars: readonly (readonly number[])[];
  /** Effects by how many nodes have run before them, in order. Those that need gradients come last. */
  readonly effects: readonly { readonly after: number; readonly effect: Effect }[];
  /** What the step returns, besides what it draws: some come twice, some are arguments as they are. */
  readonly outputs: readonly (Operand | { readonly of: 'state'; readonly index: number })[];
}

/** Calls of a step; in each something else is done around it (see run-step.ts). */
export const CALLS = 5;

export function isUpdate(effect: Effect): effect is Update {
  return effect.kind === 'sgd' || effect.kind === 'adam' || effect.kind === 'average';
}

export function changesValue({ kind }: Effect): boolean {
  return kind === 'dropout' || kind === 'noise' || kind === 'scale';
}
