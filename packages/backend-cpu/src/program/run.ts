/** Runs a compiled program: finds the memory of its buffers, calls its stages, and hands out what it gives. */
import { CompileError, State, type Tensor } from '@stratajs/core';
import { engine as tfEngine, type TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric } from '../kernels/kernel.js';
import { refusalOf } from '../kernels/refusal.js';
import type { NumericArray } from '../storage/data-table.js';
import { memoryErrorOf } from '../storage/memory-errors.js';
import type { Compiled, NativeEngine, Stage } from './compiler.js';
import type { PlannedBuffer } from './planned-array.js';

/** Data behind a buffer in one run; `owned` as long as the run has to dispose it. */
interface Held {
  readonly dataId: object;
  owned: boolean;
  /** The tensor whose disposal disposes it: tfjs counts what it has seen. */
  tensor?: Tensor;
}

const NONE: NumericArray = new Uint8Array(0);

export class Run {
  private readonly engine: NativeEngine;
  private readonly compiled: Compiled;
  private readonly arena: () => NumericArray;
  /** The arrays of native calls, in the order in which their code counts them. */
  private readonly arrays: NumericArray[];
  private readonly late: Float64Array;
  /** What is held at the moment. */
  private readonly held: Map<PlannedBuffer, Held> = new Map();
  /** After each stage: buffers that nothing needs any more. */
  private readonly ending: readonly (readonly PlannedBuffer[])[];

  constructor(engine: NativeEngine, compiled: Compiled, arena: () => NumericArray) {
    this.engine = engine;
    this.compiled = compiled;
    this.arena = arena;
    this.arrays = [NONE, compiled.literals, ...Array.from(compiled.places, () => NONE)];
    this.late = new Float64Array(compiled.late.length);
    this.ending = endingsOf(compiled);
  }

  run(args: readonly Tensor[]): Tensor[] {
    const { stages, draws, program, late } = this.compiled;
    this.arrays[0] = this.arena();
    try {
      this.begin(args);
      program.draws.forEach(({ rng, blocks }, i) => Object.assign(draws[i]!, rng.take(blocks)));
      for (let i = 0; i < late.length; i++) this.late[i] = late[i]!();
      stages.forEach((stage, i) => {
        if (stage.kind === 'native') this.native(stage);
        else this.host(stage);
        for (const buffer of this.ending[i]!) this.release(buffer);
      });
      return this.end();
    } finally {
      for (const buffer of this.held.keys()) this.release(buffer);
      this.held.clear();
    }
  }

  /** Takes what the run is given. */
  private begin(args: readonly Tensor[]): void {
    const { program, plan, places } = this.compiled;
    const { backend } = this.engine;
    program.values.forEach(({ source, dtype, shape }, value) => {
      const buffer = plan.bufferOf[value]!;
      if (source.kind === 'result') return;
      if (source.kind === 'scalar') {
        this.allocate(buffer)[0] = source.scalar.value;
        return;
      }
      let t: Tensor;
      if (source.kind === 'argument') t = args[source.index]!;
      else if (source.kind === 'state') {
        t = State.heldBy(source.state);
        if (plan.overwritten.has(buffer) && !backend.mayOverwrite(dataOf(t))) {
          t = this.ownCopy(source.state, t);
        }
      } else {
        t = source.tensor;
        if (t.isDisposed) throw disposed(shape);
      }
      const { dataId } = dataOf(t);
      this.held.set(buffer, { dataId, owned: false });
      if (places.has(buffer) && isNumeric(dtype)) this.bind(buffer, dataId);
    });
  }

  /** Somebody else sees the memory that the program is about to write into: from now on the State has its own. */
  private ownCopy(state: State, t: Tensor): Tensor {
    const { backend } = this.engine;
    const dataId = backend.allocateId(t.dtype as 'float32', t.size);
    backend.values({ dataId }).set(backend.values(dataOf(t)));
    State.replace(state, tensorOf(dataId, t.shape, t.dtype));
    return State.heldBy(state);
  }

  private native({ run, kernels, buffers }: Extract<Stage, { kind: 'native' }>): void {
    for (const buffer of buffers) if (!this.held.has(buffer)) this.allocate(buffer);
    try {
      run(this.arrays, this.late);
    } catch (error) {
      const { call } = error as { call?: number };
      throw memoryErrorOf(refusalOf(kernels[call ?? 0]!, error));
    }
  }

  private host({ call }: Extract<Stage, { kind: 'host' }>): void {
    const { plan, program, draws, places } = this.compiled;
    const { name, inputs, attrs, draw, outputs } = call;
    const e = tfEngine();
    e.startScope(name);
    try {
      const tensors = Array.isArray(inputs)
        ? inputs.map((value) => this.shown(value))
        : Object.fromEntries(
            Object.entries(inputs).map(([key, value]) => [key, this.shown(value)]),
          );
      const attributes = draw === undefined ? attrs : { ...attrs, draw: draws[draw] };
      const made = e.runKernel(name, tensors as never, attributes as never) as unknown;
      const results = (Array.isArray(made) ? made : [made]) as Tensor[];
      outputs.forEach((value, i) => {
        const buffer = plan.bufferOf[value]!;
        const tensor = results[i]!;
        e.keep(tensor as never);
        const { dataId } = dataOf(tensor);
        this.held.set(buffer, { dataId, owned: true, tensor });
        if (places.has(buffer)) this.bind(buffer, dataId);
      });
    } finally {
      e.endScope();
    }
  }

  /** A tensor of a value for a kernel of JavaScript's: a second holder, so that nothing is written into it. */
  private shown(value: number): Tensor {
    const { plan, program } = this.compiled;
    const { shape, dtype } = program.values[value]!;
    const held = this.holding(plan.bufferOf[value]!);
    if (held.owned && held.tensor === undefined) {
      held.tensor = tensorOf(held.dataId, shape, dtype);
      tfEngine().keep(held.tensor as never);
    }
    this.engine.backend.incRef(held.dataId);
    return tensorOf(held.dataId, shape, dtype);
  }

  /** Gives the program's results, and States what they hold from now on. */
  private end(): Tensor[] {
    const { plan, program } = this.compiled;
    const results: Tensor[] = [];
    const next: [State, Tensor][] = [];
    for (const value of program.outputs) results.push(this.take(value));
    for (const [state, value] of plan.written) {
      const { dataId } = this.holding(plan.bufferOf[value]!);
      if (dataOf(State.heldBy(state)).dataId !== dataId) next.push([state, this.take(value)]);
    }
    for (const [state, t] of next) State.replace(state, t);
    return results;
  }

  /** A tensor of a value. */
  private take(value: number): Tensor {
    const { plan, program } = this.compiled;
    const { shape, dtype } = program.values[value]!;
    const held = this.holding(plan.bufferOf[value]!);
    if (held.owned && held.tensor === undefined) held.owned = false;
    else this.engine.backend.incRef(held.dataId);
    return tensorOf(held.dataId, shape, dtype);
  }

  /** What no call mentions, a tensor without elements, is made here. */
  private holding(buffer: PlannedBuffer): Held {
    if (!this.held.has(buffer)) this.allocate(buffer);
    return this.held.get(buffer)!;
  }

  private allocate(buffer: PlannedBuffer): NumericArray {
    const dataId = this.engine.backend.allocateId(buffer.dtype as 'float32', buffer.length);
    this.held.set(buffer, { dataId, owned: true });
    return this.bind(buffer, dataId);
  }

  private bind(buffer: PlannedBuffer, dataId: object): NumericArray {
    const values = this.engine.backend.values({ dataId });
    const place = this.compiled.places.get(buffer);
    if (place !== undefined) this.arrays[place] = values;
    return values;
  }

  private release(buffer: PlannedBuffer): void {
    const held = this.held.get(buffer);
    if (held?.tensor !== undefined) held.tensor.dispose();
    else if (held?.owned) this.engine.backend.disposeData(held.dataId);
    this.held.delete(buffer);
    const place = this.compiled.places.get(buffer);
    if (place !== undefined) this.arrays[place] = NONE;
  }
}

/** For each stage the buffers, neither given nor results, that it is the last to mention. */
function endingsOf({ program, plan, stages }: Compiled): PlannedBuffer[][] {
  const last = new Map<PlannedBuffer, number>();
  const mention = (stage: number, value: number): void =>
    void last.set(plan.bufferOf[value]!, stage);
  stages.forEach((stage, i) => {
    if (stage.kind === 'native') for (const buffer of stage.buffers) last.set(buffer, i);
    else [...Object.values(stage.call.inputs), ...stage.call.outputs].forEach((v) => mention(i, v));
  });
  program.outputs.forEach((value) => mention(stages.length, value));
  for (const value of plan.written.values()) mention(stages.length, value);
  program.values.forEach(({ source }, value) => {
    if (source.kind !== 'result') mention(stages.length, value);
  });
  const endings = stages.map((): PlannedBuffer[] => []);
  for (const [buffer, stage] of last) endings[stage]?.push(buffer);
  return endings;
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
