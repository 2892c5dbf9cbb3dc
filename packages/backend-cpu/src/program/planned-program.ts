import type { KernelCall } from '@stratajs/core';
import type { LateNumber, NativeFunctionName } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import type { Place, PlannedBuffer } from './planned-array.js';

/** An array of the host's that a kernel gave to a native call: the program has its own copy. */
export interface Literal {
  readonly literal: NumericArray;
}

export type PlannedArgument = Place | Literal | LateNumber | number | null;

/** A call of a native kernel. */
export interface NativeCall {
  readonly kind: 'native';
  readonly name: NativeFunctionName;
  readonly args: readonly PlannedArgument[];
  /** The kernel whose work it is, and where in a model that was recorded. */
  readonly kernel: string;
  readonly place: string | undefined;
}

/** A kernel that JavaScript runs, between native calls. */
export interface HostCall {
  readonly kind: 'host';
  readonly call: KernelCall;
  readonly why: string;
}

export type PlannedCall = NativeCall | HostCall;

export function isPlace(argument: PlannedArgument): argument is Place {
  return typeof argument === 'object' && argument !== null && 'buffer' in argument;
}

/** Every buffer that a native call mentions. */
export function* buffersOf({ args }: NativeCall): Iterable<PlannedBuffer> {
  for (const argument of args) if (isPlace(argument)) yield argument.buffer;
}
