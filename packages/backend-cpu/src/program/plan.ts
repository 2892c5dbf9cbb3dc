/** From the kernels of a program to the native calls that they make: each kernel runs once, on arrays that hold nothing. */
import type { KernelCall, Program, ProgramValue, State } from '@stratajs/core';
import { lastUses } from '@stratajs/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementOf, repeated } from '../kernels/constant.js';
import { nativeKernels } from '../kernels/index.js';
import { isNumeric, type KernelMemory, type Runtime, sizeOf } from '../kernels/kernel.js';
import {
  NATIVE_FUNCTIONS,
  type NativeArgument,
  type NativeFunctionName,
  type NativeKernels,
} from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import { HostAccess, type Place, placeOf, plannedArray, PlannedBuffer } from './planned-array.js';
import type { PlannedArgument, PlannedCall } from './planned-program.js';

export interface Plan {
  readonly calls: readonly PlannedCall[];
  /** Where each value lies; several may share a buffer. */
  readonly bufferOf: readonly PlannedBuffer[];
  /** Buffers of States into which a kernel writes what the State holds next. */
  readonly overwritten: ReadonlySet<PlannedBuffer>;
  /** The value that each written State holds in the end. */
  readonly written: ReadonlyMap<State, number>;
}

/** Numbers of a draw, which every run sets anew. */
export interface LiveDraw {
  key: readonly number[];
  counter: readonly number[];
}

/** @param read gives the elements of a constant. */
export function planOf(
  program: Program,
  draws: readonly LiveDraw[],
  read: (info: { dataId: object }) => NumericArray,
): Plan {
  return new Planner(program, draws, read).plan();
}

class Planner implements KernelMemory {
  private readonly program: Program;
  private readonly draws: readonly LiveDraw[];
  private readonly runtime: Runtime;
  private readonly calls: PlannedCall[] = [];
  private readonly bufferOf: PlannedBuffer[] = [];
  /** The values that lie in a buffer. */
  private readonly valuesIn: Map<PlannedBuffer, number[]> = new Map();
  private readonly overwritten: Set<PlannedBuffer> = new Set();
  private readonly last: Int32Array;
  /** What each State holds after the instructions so far, and which instruction writes it last. */
  private readonly holds: Map<State, number> = new Map();
  private readonly lastWrite: Map<State, number> = new Map();
  private readonly written: Map<State, number> = new Map();
  /** The instruction that is being planned. */
  private at = 0;
  private kernel = '';
  private place: string | undefined;
  private inputs: readonly number[] = [];

  constructor(
    program: Program,
    draws: readonly LiveDraw[],
    read: (info: { dataId: object }) => NumericArray,
  ) {
    this.program = program;
    this.draws = draws;
    this.last = lastUses(program);
    this.runtime = {
      native: this.recorder(),
      backend: this,
      late: (late) => ({ late }),
    };
    program.values.forEach((value, index) => {
      const { source } = value;
      if (source.kind === 'result') return;
      const known =
        source.kind === 'constant' && isNumeric(value.dtype)
          ? read(source.tensor as unknown as TensorInfo)
          : undefined;
      this.put(index, new PlannedBuffer(value.dtype, sizeOf(value.shape), known));
      if (source.kind === 'state') this.holds.set(source.state, index);
    });
    program.instructions.forEach((instruction, index) => {
      if (instruction.kind === 'write') this.lastWrite.set(instruction.state, index);
    });
  }

  plan(): Plan {
    this.program.instructions.forEach((instruction, index) => {
      this.at = index;
      if (instruction.kind === 'write') {
        this.holds.set(instruction.state, instruction.value);
        this.written.set(instruction.state, instruction.value);
        return;
      }
      const why = this.native(instruction);
      if (why !== null) this.onHost(instruction, why);
    });
    const { calls, bufferOf, overwritten, written } = this;
    return { calls, bufferOf, overwritten, written };
  }

  /** Plans the native calls of a kernel, or says why it has to run in JavaScript. */
  private native({ name, inputs, attrs, draw, outputs, place }: KernelCall): string | null {
    const make = nativeKernels[name];
    if (make === undefined) return 'there is no native kernel';
    const { values } = this.program;
    const foreign = [...Object.values(inputs), ...outputs].find(
      (v) => !isNumeric(values[v]!.dtype),
    );
    if (foreign !== undefined) return `${values[foreign]!.dtype} values`;
    this.kernel = name;
    this.place = place;
    this.inputs = Object.values(inputs);
    const mark = this.calls.length;
    const attributes = draw === undefined ? (attrs ?? {}) : { ...attrs, draw: this.draws[draw] };
    let made: TensorInfo | TensorInfo[] | undefined;
    try {
      made = make(this.runtime)(this.infosOf(inputs) as never, attributes as never);
    } catch (error) {
      if (!(error instanceof HostAccess)) throw error;
      this.calls.length = mark;
      return `it ${error.message}`;
    }
    if (made === undefined) return 'native code does not cover these dtypes and shapes';
    const infos = Array.isArray(made) ? made : [made];
    outputs.forEach((value, i) => this.put(value, infos[i]!.dataId as unknown as PlannedBuffer));
    return null;
  }

  private onHost(call: KernelCall, why: string): void {
    for (const value of call.outputs) {
      const { dtype, shape } = this.program.values[value] as ProgramValue;
      this.put(value, new PlannedBuffer(dtype, sizeOf(shape)));
    }
    this.calls.push({ kind: 'host', call, why });
  }

  private infosOf(inputs: KernelCall['inputs']): unknown {
    const infoOf = (value: number): TensorInfo => {
      const { shape, dtype } = this.program.values[value] as ProgramValue;
      return { dataId: this.bufferOf[value] as object, shape: [...shape], dtype };
    };
    if (Array.isArray(inputs)) return inputs.map(infoOf);
    return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, infoOf(value)]));
  }

  private put(value: number, buffer: PlannedBuffer): void {
    this.bufferOf[value] = buffer;
    const values = this.valuesIn.get(buffer);
    if (values === undefined) this.valuesIn.set(buffer, [value]);
    else values.push(value);
  }

  /** Native functions that write their calls down. */
  private recorder(): NativeKernels {
    return Object.fromEntries(
      NATIVE_FUNCTIONS.map((name) => [
        name,
        (...args: NativeArgument[]) => this.record(name, args.map(planned)),
      ]),
    ) as unknown as NativeKernels;
  }

  private record(name: NativeFunctionName, args: readonly PlannedArgument[]): void {
    const { kernel, place } = this;
    this.calls.push({ kind: 'native', name, args, kernel, place });
  }

  private readonly fill = (place: Place, value: number): void => {
    const { buffer, length } = place;
    if (length === 0) return;
    const once = { literal: elementOf(buffer.dtype, value) };
    this.record('stridedCopy', [once, place, { literal: repeated(length) }]);
  };

  // The engine's memory, as kernels see it.

  allocate(shape: number[], dtype: 'float32' | 'int32' | 'bool', size: number): TensorInfo {
    return { dataId: new PlannedBuffer(dtype, size), shape, dtype };
  }

  values({ dataId }: { dataId: object }): NumericArray {
    const buffer = dataId as PlannedBuffer;
    buffer.array ??= plannedArray({ buffer, offset: 0, length: buffer.length }, this.fill);
    return buffer.array;
  }

  /**
   * A kernel may write over its input where nothing reads that any more, and no State that holds it would still hold it
   * in the end. Whether somebody else sees a State's memory turns out in each run.
   */
  mayOverwrite({ dataId }: { dataId: object }): boolean {
    const buffer = dataId as PlannedBuffer;
    const values = this.valuesIn.get(buffer) ?? [];
    const { values: all } = this.program;
    if (values.some((v) => this.last[v]! > this.at)) return false;
    // Of two inputs in one place the kernel could write one before it reads the other.
    if (this.inputs.filter((value) => this.bufferOf[value] === buffer).length > 1) return false;
    if (values.some((v) => !['state', 'result'].includes(all[v]!.source.kind))) return false;
    for (const [state, value] of this.holds) {
      if (this.bufferOf[value] === buffer && !((this.lastWrite.get(state) ?? -1) > this.at))
        return false;
    }
    this.overwritten.add(buffer);
    return true;
  }

  alias(): never {
    throw new HostAccess('makes complex numbers');
  }

  complexOf(): never {
    throw new HostAccess('makes complex numbers');
  }

  partsOf(): never {
    throw new HostAccess('takes complex numbers apart');
  }

  // A buffer lives from the first call that mentions it to the last.

  incRef(): void {}

  disposeData(): void {}

  disposeIntermediateTensorInfo(): void {}
}

function planned(argument: NativeArgument): PlannedArgument {
  if (argument === null || typeof argument === 'number' || 'late' in argument) return argument;
  return placeOf(argument) ?? { literal: argument.slice() };
}
