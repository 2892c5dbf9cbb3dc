/** What a run of a compiled program works through. */
import type {
  ExecutableExplanation,
  KernelCall,
  Program,
  State,
  Tensor,
  ValueSource,
} from '@stratajs/core';
import type { NativeCall } from './planned-program.js';
import type { NativeProgram } from '../native.js';
import type { PooledType } from '../storage/buffer-pool.js';
import type { LiveDraw } from './plan.js';

/** A value as a tensor: `slot` counts the buffers that live longer than a native stage. */
export interface Slotted {
  readonly slot: number;
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

/** Memory that a run takes from the pool. */
export interface Allocation {
  readonly slot: number;
  readonly dtype: PooledType;
  readonly length: number;
}

export interface Start extends Slotted {
  readonly source: Exclude<ValueSource, { kind: 'result' }>;
  /** Whether a kernel writes into it what its State holds next. */
  readonly overwritten: boolean;
}

/** Native calls that run together, or a kernel that JavaScript runs. */
export type Stage = (
  | {
      readonly kind: 'native';
      readonly run: NativeProgram;
      /** The kernels whose work its calls are, for errors. */
      readonly kernels: readonly Pick<NativeCall, 'kernel' | 'place'>[];
    }
  | {
      readonly kind: 'host';
      readonly call: KernelCall;
      readonly inputs: Readonly<Record<string, Slotted>> | readonly Slotted[];
      readonly outputs: readonly Slotted[];
    }
) & {
  /** What it makes, and slots that nothing needs after it. */
  readonly makes: readonly Allocation[];
  readonly ends: readonly number[];
};

/** What a run works through. */
export interface Linked {
  readonly program: Program;
  readonly draws: readonly LiveDraw[];
  readonly late: readonly (() => number)[];
  readonly explanation: ExecutableExplanation;
  readonly literals: Uint8Array;
  readonly slots: number;
  /** Slots below this one are arrays of native calls, after the arena and the literals. */
  readonly nativeSlots: number;
  readonly starts: readonly Start[];
  readonly stages: readonly Stage[];
  /** Results that no stage mentions, for they have no elements. */
  readonly empty: readonly Allocation[];
  readonly outputs: readonly Slotted[];
  /** States that hold another tensor afterwards. Those that are written in place hold their own. */
  readonly writes: readonly { readonly state: State; readonly next: Slotted }[];
}
