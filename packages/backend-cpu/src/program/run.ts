/** Runs a compiled program: finds the memory of its slots, calls its stages, and hands out what it gives. */
import { addToMessage, CompileError, State, type Tensor } from '@stratajs/core';
import { engine as tfEngine, type TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataCpuBackend } from '../backend.js';
import { refusalOf } from '../kernels/refusal.js';
import type { NumericArray } from '../storage/data-table.js';
import { memoryErrorOf } from '../storage/memory-errors.js';
import { FIRST_SLOT } from './link.js';
import type { Allocation, Linked, Slotted, Stage, Start } from './linked.js';

const NONE: NumericArray = new Uint8Array(0);

/** Who disposes what lies in a slot: somebody else, the run, or the run by the tensor that tfjs has seen of it. */
const GIVEN = 0;
const OWN = 1;
const SHOWN = 2;

export class Run {
  private readonly backend: StrataCpuBackend;
  private readonly linked: Linked;
  private readonly arena: () => NumericArray;
  /** The arrays of native calls, in the order in which their code counts them. */
  private readonly arrays: NumericArray[];
  private readonly late: Float64Array;
  /** What is in each slot at the moment. */
  private readonly dataIds: (object | undefined)[];
  private readonly holding: Uint8Array;
  private readonly tensors: (Tensor | undefined)[];

  constructor(backend: StrataCpuBackend, linked: Linked, arena: () => NumericArray) {
    const { slots, nativeSlots, literals, late } = linked;
    this.backend = backend;
    this.linked = linked;
    this.arena = arena;
    this.arrays = [NONE, literals, ...Array.from({ length: nativeSlots }, () => NONE)];
    this.late = new Float64Array(late.length);
    this.dataIds = Array.from({ length: slots });
    this.holding = new Uint8Array(slots);
    this.tensors = Array.from({ length: slots });
  }

  run(args: readonly Tensor[]): Tensor[] {
    const { program, draws, late, starts, stages, empty } = this.linked;
    this.arrays[0] = this.arena();
    try {
      for (const start of starts) this.begin(start, args);
      for (let i = 0; i < draws.length; i++) {
        const { rng, blocks } = program.draws[i]!;
        Object.assign(draws[i]!, rng.take(blocks));
      }
      for (let i = 0; i < late.length; i++) this.late[i] = late[i]!();
      for (const stage of stages) {
        for (const made of stage.makes) this.allocate(made);
        if (stage.kind === 'native') this.native(stage);
        else this.host(stage);
        for (const slot of stage.ends) this.release(slot);
      }
      for (const made of empty) this.allocate(made);
      return this.end();
    } finally {
      for (let slot = 0; slot < this.dataIds.length; slot++) this.release(slot);
    }
  }

  /** Finds what the run is given. */
  private begin({ source, slot, shape, dtype, overwritten }: Start, args: readonly Tensor[]): void {
    if (source.kind === 'scalar') {
      this.allocate({ slot, dtype: dtype as 'float32', length: 1 })[0] = source.scalar.value;
      return;
    }
    let t: Tensor;
    if (source.kind === 'argument') t = args[source.index]!;
    else if (source.kind === 'state') {
      t = State.heldBy(source.state);
      if (overwritten && !this.backend.mayOverwrite(dataOf(t))) t = this.ownCopy(source.state, t);
    } else {
      t = source.tensor;
      if (t.isDisposed) throw disposed(shape);
    }
    this.put(slot, dataOf(t).dataId, GIVEN);
  }

  /** Somebody else sees the memory that the program is about to write into: from now on the State has its own. */
  private ownCopy(state: State, t: Tensor): Tensor {
    const { backend } = this;
    const dataId = backend.allocateId(t.dtype as 'float32', t.size);
    backend.values({ dataId }).set(backend.values(dataOf(t)));
    State.replace(state, tensorOf(dataId, t.shape, t.dtype));
    return State.heldBy(state);
  }

  private native({ run, kernels }: Extract<Stage, { kind: 'native' }>): void {
    try {
      run(this.arrays, this.late);
    } catch (error) {
      const { call } = error as { call?: number };
      const { kernel, place } = kernels[call ?? 0]!;
      const refusal = memoryErrorOf(refusalOf(kernel, error));
      if (place !== undefined) addToMessage(refusal, place);
      throw refusal;
    }
  }

  private host(stage: Extract<Stage, { kind: 'host' }>): void {
    try {
      this.hostCall(stage);
    } catch (error) {
      if (stage.call.place !== undefined) addToMessage(error, stage.call.place);
      throw error;
    }
  }

  private hostCall({ call, inputs, outputs }: Extract<Stage, { kind: 'host' }>): void {
    const { name, attrs, draw } = call;
    const e = tfEngine();
    e.startScope(name);
    try {
      const tensors = Array.isArray(inputs)
        ? inputs.map((input: Slotted) => this.shown(input))
        : Object.fromEntries(
            Object.entries(inputs).map(([key, input]) => [key, this.shown(input as Slotted)]),
          );
      const attributes = draw === undefined ? attrs : { ...attrs, draw: this.linked.draws[draw] };
      const made = e.runKernel(name, tensors as never, attributes as never) as unknown;
      const results = (Array.isArray(made) ? made : [made]) as Tensor[];
      outputs.forEach(({ slot }, i) => {
        const tensor = results[i]!;
        e.keep(tensor as never);
        this.tensors[slot] = tensor;
        this.put(slot, dataOf(tensor).dataId, SHOWN);
      });
    } finally {
      e.endScope();
    }
  }

  /** A tensor for a kernel of JavaScript's: a second holder, so that nothing is written into it. */
  private shown({ slot, shape, dtype }: Slotted): Tensor {
    const dataId = this.dataIds[slot]!;
    if (this.holding[slot] === OWN) {
      // tfjs counts what it has seen; from here on the slot is disposed by this tensor.
      const tensor = tensorOf(dataId, shape, dtype);
      tfEngine().keep(tensor as never);
      this.tensors[slot] = tensor;
      this.holding[slot] = SHOWN;
    }
    this.backend.incRef(dataId);
    return tensorOf(dataId, shape, dtype);
  }

  /** The program's results; States hold what it wrote. */
  private end(): Tensor[] {
    const { outputs, writes } = this.linked;
    const results = outputs.map((output) => this.taken(output));
    const next = writes.map((write) => this.taken(write.next));
    writes.forEach(({ state }, i) => State.replace(state, next[i]!));
    return results;
  }

  private taken({ slot, shape, dtype }: Slotted): Tensor {
    const dataId = this.dataIds[slot]!;
    if (this.holding[slot] === OWN) this.holding[slot] = GIVEN;
    else this.backend.incRef(dataId);
    return tensorOf(dataId, shape, dtype);
  }

  private allocate({ slot, dtype, length }: Allocation): NumericArray {
    const dataId = this.backend.allocateId(dtype, length);
    this.put(slot, dataId, OWN);
    return this.backend.values({ dataId });
  }

  private put(slot: number, dataId: object, holding: number): void {
    this.dataIds[slot] = dataId;
    this.holding[slot] = holding;
    if (slot < this.linked.nativeSlots)
      this.arrays[FIRST_SLOT + slot] = this.backend.values({ dataId });
  }

  private release(slot: number): void {
    const dataId = this.dataIds[slot];
    if (dataId === undefined) return;
    if (this.holding[slot] === OWN) this.backend.disposeData(dataId);
    if (this.holding[slot] === SHOWN) this.tensors[slot]!.dispose();
    this.dataIds[slot] = this.tensors[slot] = undefined;
    if (slot < this.linked.nativeSlots) this.arrays[FIRST_SLOT + slot] = NONE;
  }
}

function dataOf(t: Tensor): { readonly dataId: object } {
  return t as unknown as { dataId: object };
}

function tensorOf(dataId: object, shape: readonly number[], dtype: Tensor['dtype']): Tensor {
  const info = { dataId, shape: [...shape], dtype };
  return tfEngine().makeTensorFromTensorInfo(info as TensorInfo) as unknown as Tensor;
}

function disposed(shape: readonly number[]): CompileError {
  return new CompileError(
    `A compiled function needs the tensors that it uses beside its arguments as long as it is called. Received: one of ` +
      `shape [${shape.join(', ')}] has been disposed. keep() it, or pass it as an argument.`,
  );
}
