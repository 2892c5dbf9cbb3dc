/** Writes down what a function does while it runs once, and undoes what it changed. */
import { type Attributes, type Engine, type Inputs, share } from '../engine.js';
import { CompileError } from '../errors.js';
import type { Draw } from '../random/philox.js';
import type { Rng, RngState } from '../random/rng.js';
import type { Scalar } from '../state/scalar.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import type {
  Instruction,
  KernelCall,
  Program,
  ProgramDraw,
  ProgramValue,
  ValueSource,
} from './program.js';
import type { Recording } from './recording.js';

/** What has to stay as it is for a program to hold. */
export interface Guard {
  readonly what: string;
  readonly read: () => unknown;
  readonly value: unknown;
}

/** What a function computed while it was recorded. */
export interface Outcome {
  readonly results: readonly Tensor[];
  /** What the States hold that it wrote. */
  readonly states: ReadonlyMap<State, Tensor>;
  /** Where the generators stand that it drew from. */
  readonly rngs: ReadonlyMap<Rng, RngState>;
}

/** Kernels whose results have shapes that depend on values. */
const SHAPED_BY_VALUES = new Set([
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV4',
  'NonMaxSuppressionV5',
  'RaggedGather',
  'RaggedRange',
  'RaggedTensorToTensor',
  'SparseFillEmptyRows',
  'SparseReshape',
  'SparseSegmentMean',
  'SparseSegmentSum',
  'StringSplit',
  'Unique',
  'Where',
]);

export class Recorder implements Recording {
  depth: number = 0;
  place: string | undefined;
  private readonly engine: Engine;
  private readonly values: ProgramValue[] = [];
  private readonly instructions: Instruction[] = [];
  private readonly draws: ProgramDraw[] = [];
  private readonly guards: Map<object, Map<string, Guard>> = new Map();
  /** Which value a tensor holds, by the tensor's id. */
  private readonly known: Map<number, number> = new Map();
  /** The value that a State holds now, and what it held before the recording. */
  private readonly states: Map<State, { value: number; readonly before: Tensor }> = new Map();
  private readonly scalars: Map<Scalar, number> = new Map();
  private readonly drawn: Map<Draw, { readonly index: number; used: boolean }> = new Map();
  private readonly rngs: Map<Rng, RngState> = new Map();
  /** Constants of one number. */
  private readonly numbers: Map<string, number> = new Map();
  /** Tensors that the program keeps. */
  private readonly constants: Tensor[] = [];
  /** Tensors with this id or a later one were made while recording. */
  private readonly firstId: number;

  constructor(engine: Engine, args: readonly Tensor[], firstId: number) {
    this.engine = engine;
    this.firstId = firstId;
    args.forEach((t, index) => {
      if (!this.known.has(t.id)) this.bind(t, { kind: 'argument', index });
    });
  }

  kernel(
    name: string,
    inputs: Inputs,
    attrs: Attributes | undefined,
    outputs: readonly Tensor[],
  ): void {
    if (SHAPED_BY_VALUES.has(name)) {
      this.refuse(
        `the kernel ${name}, whose result has a shape that depends on values`,
        'Call it outside the compiled function.',
      );
    }
    const draw = this.drawn.get(attrs?.['draw'] as Draw);
    if (draw !== undefined) draw.used = true;
    this.instructions.push({
      kind: 'kernel',
      name,
      inputs: this.valuesOf(inputs),
      attrs,
      draw: draw?.index,
      outputs: outputs.map((t) => this.bind(t, { kind: 'result' })),
      place: this.place,
    });
  }

  alias(x: Tensor, y: Tensor): void {
    this.known.set(y.id, this.valueOf(x));
  }

  touch(state: State, held: Tensor): void {
    const seen = this.states.get(state);
    if (seen !== undefined) {
      this.known.set(held.id, seen.value);
      return;
    }
    const value = this.bind(held, { kind: 'state', state });
    // With a second holder no kernel writes into the state's memory: it can be put back.
    this.states.set(state, { value, before: this.untracked(() => this.engine.keep(share(held))) });
  }

  write(state: State, next: Tensor): void {
    this.touch(state, State.heldQuietly(state));
    const value = this.valueOf(next);
    this.states.get(state)!.value = value;
    this.instructions.push({ kind: 'write', state, value });
  }

  scalar(scalar: Scalar, t: Tensor): void {
    const seen = this.scalars.get(scalar);
    if (seen === undefined) this.scalars.set(scalar, this.bind(t, { kind: 'scalar', scalar }));
    else this.known.set(t.id, seen);
  }

  readScalar(scalar: Scalar, value: number): void {
    const what = 'a Scalar that is read as a plain number';
    this.addGuard(scalar, { what, read: () => scalar.value, value });
  }

  draw(rng: Rng, draw: Draw, blocks: number): void {
    this.drawn.set(draw, { index: this.draws.length, used: false });
    this.draws.push({ rng, blocks });
  }

  /** To be called before `rng` moves for the first time. */
  beforeDraw(rng: Rng): void {
    if (!this.rngs.has(rng)) this.rngs.set(rng, rng.state());
  }

  guard(owner: object, what: string, read: () => unknown): void {
    this.addGuard(owner, { what, read, value: this.untracked(read) });
  }

  /** A tensor of values of the host, which stays as it is. Equal numbers are one constant: arithmetic makes many. */
  constant(t: Tensor, values: ArrayLike<unknown>): void {
    const key = t.size === 1 && t.dtype !== 'string' ? numberKey(t, values) : undefined;
    const twin = key === undefined ? undefined : this.numbers.get(key);
    if (twin !== undefined) {
      this.known.set(t.id, twin);
      return;
    }
    const kept = this.untracked(() => this.engine.keep(share(t)));
    this.constants.push(kept);
    const value = this.bind(t, { kind: 'constant', tensor: kept });
    if (key !== undefined) this.numbers.set(key, value);
  }

  refuse(what: string, remedy: string): never {
    throw new CompileError(`A compiled function cannot hold ${what}. ${remedy}`);
  }

  /** The program, whose run gives `outputs`. */
  finish(outputs: readonly Tensor[]): { program: Program; guards: readonly Guard[] } {
    for (const { used } of this.drawn.values()) {
      if (used) continue;
      this.refuse(
        'random numbers that are drawn on the host',
        'They would be the same in every run: draw them on the device (uniform(), normal(), dropout()), or pass them in.',
      );
    }
    const { values, instructions, draws } = this;
    const numbers = outputs.map((t) => this.valueOf(t));
    return {
      program: { values, instructions, draws, outputs: numbers },
      guards: [...this.guards.values()].flatMap((of) => [...of.values()]),
    };
  }

  /** What was computed, before restore(). The tensors are the caller's. */
  outcome(outputs: readonly Tensor[]): Outcome {
    const kept = (t: Tensor): Tensor => this.engine.keep(share(t));
    const written = this.instructions.flatMap((i) => (i.kind === 'write' ? [i.state] : []));
    return this.untracked(() => ({
      results: outputs.map(kept),
      states: new Map(
        [...new Set(written)].map((state) => [state, kept(State.heldQuietly(state))]),
      ),
      rngs: new Map([...this.rngs.keys()].map((rng) => [rng, rng.state()])),
    }));
  }

  /** Puts back what was changed. */
  restore(): void {
    for (const [state, { before }] of this.states) State.replace(state, before);
    for (const [rng, state] of this.rngs) rng.restore(state);
  }

  /** Frees what a program would have kept. */
  discard(): void {
    for (const t of this.constants) t.dispose();
  }

  /** The first of its kind stays: a function may change what it has read. */
  private addGuard(owner: object, guard: Guard): void {
    const of = this.guards.get(owner) ?? new Map<string, Guard>();
    this.guards.set(owner, of);
    if (!of.has(guard.what)) of.set(guard.what, guard);
  }

  private bind(t: Tensor, source: ValueSource): number {
    const value = this.values.length;
    this.values.push({ source, shape: [...t.shape], dtype: t.dtype });
    this.known.set(t.id, value);
    return value;
  }

  private valuesOf(inputs: Inputs | readonly Tensor[]): KernelCall['inputs'] {
    if (Array.isArray(inputs)) return inputs.map((t: Tensor) => this.valueOf(t));
    const values: Record<string, number> = {};
    for (const [name, t] of Object.entries(inputs as Inputs)) {
      if (t !== undefined && t !== null) values[name] = this.valueOf(t);
    }
    return values;
  }

  private valueOf(t: Tensor): number {
    const known = this.known.get(t.id);
    if (known !== undefined) return known;
    if (t.id >= this.firstId) {
      this.refuse(
        `a tensor of shape [${t.shape.join(', ')}] that no kernel made`,
        'Make it before, or of constant() values.',
      );
    }
    return this.bind(t, { kind: 'captured', tensor: t });
  }

  private untracked<T>(fn: () => T): T {
    this.depth++;
    try {
      return fn();
    } finally {
      this.depth--;
    }
  }
}

function numberKey({ dtype, shape }: Tensor, values: ArrayLike<unknown>): string {
  const number = Object.is(values[0], -0) ? '-0' : String(values[0]);
  return `${dtype}[${shape.join()}]: ${number}`;
}
