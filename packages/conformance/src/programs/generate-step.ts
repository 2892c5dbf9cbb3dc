/** Random steps: a random program, with a random part for each of its inputs and effects between its nodes. */
import { Rng } from '@stratajs/core';
import { generateProgram } from './generate.js';
import { binary } from './ops/binary.js';
import { unary } from './ops/unary.js';
import { firstResults, type Program, type Signature, signatures } from './program.js';
import { CALLS, type Effect, type Operand, type Role, type StepProgram } from './step-program.js';

/** Elements of values in one step of eight, about, so that chains of element-wise operations go in blocks, and blocks to threads. */
const LARGE = 150_000;
/** Of these alone one step in three is made: longer chains. */
const ELEMENTWISE = [...Object.keys(unary), ...Object.keys(binary)];
const ROLES: readonly Role[] = ['argument', 'argument', 'state', 'state', 'captured', 'constant'];

/** The random step of a seed: the same on every machine. Of programs that are drawn anew for it, not those of `generateProgram(seed)`. */
export function generateStep(seed: number): StepProgram {
  const rng = new Rng(seed).fork('step');
  const chance = (p: number): boolean => rng.nextUniform() < p;
  // Some are all effects: a few States of one shape, read and written again and again.
  const dense = chance(1 / 4);
  const drawn = generateProgram(rng.nextInt(2 ** 32), {
    ...(dense ? { mostElements: 40, mostNodes: 5 } : chance(1 / 6) && { mostElements: LARGE }),
    ...((dense || chance(1 / 4)) && { among: ELEMENTWISE }),
  });
  const siblings = dense && drawn.inputs.length > 0 ? rng.nextInt(3) : 0;
  const graph = withSiblings(drawn, rng.nextInt(Math.max(1, drawn.inputs.length)), siblings);
  const roles = graph.inputs.map((_, i): Role => {
    const isSibling = i >= drawn.inputs.length;
    return isSibling || (dense && chance(0.6)) ? 'state' : ROLES[rng.nextInt(ROLES.length)]!;
  });
  const drawing = new StepDrawing(rng, graph, roles);
  const effects: { after: number; effect: Effect }[] = [];
  for (let after = 0; after <= graph.nodes.length; after++) {
    while (chance(dense ? 0.7 : 0.35)) {
      const effect = drawing.effect(after);
      if (effect !== undefined) effects.push({ after, effect });
    }
  }
  const updates = rng.nextInt(3);
  for (let i = 0; i < updates; i++) {
    const effect = drawing.update(graph.nodes.length, true);
    if (effect !== undefined) effects.push({ after: graph.nodes.length, effect });
  }
  const outputs = drawing.outputs();
  return { graph, roles, scalars: drawing.scalars, effects, outputs };
}

/** With `count` inputs more, of the shape of input `of`, that no node takes. */
function withSiblings({ inputs, nodes, gradient }: Program, of: number, count: number): Program {
  const siblings = Array.from({ length: count }, () => inputs[of]!);
  const renumber = (i: number): number => (i < inputs.length ? i : i + count);
  return {
    inputs: [...inputs, ...siblings],
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(renumber) })),
    ...(gradient && { gradient: { ...gradient, of: renumber(gradient.of) } }),
  };
}

class StepDrawing {
  readonly scalars: number[][] = [];
  private readonly rng: Rng;
  private readonly graph: Program;
  private readonly all: readonly Signature[];
  private readonly states: readonly number[];

  constructor(rng: Rng, graph: Program, roles: readonly Role[]) {
    this.rng = rng;
    this.graph = graph;
    this.all = signatures(graph);
    this.states = [...roles.keys()].filter((i) => roles[i] === 'state');
  }

  effect(after: number): Effect | undefined {
    const draws: (() => Effect | undefined)[] = [
      () => this.assign(after),
      () => this.assign(after),
      () => this.read(),
      () =>
        this.changed(after, (value) => ({
          ...this.source(),
          kind: 'dropout',
          value,
          rate: this.pick([0.1, 0.5, 0.9]),
        })),
      () =>
        this.changed(after, (value) => ({
          ...this.source(),
          kind: 'noise',
          value,
          how: this.pick(['uniform', 'normal']),
        })),
      () =>
        this.changed(after, (value) => ({
          kind: 'scale',
          value,
          how: this.pick(['mul', 'add', 'sub']),
          scalar: this.scalar(),
        })),
      () => ({
        ...this.source(),
        kind: 'draw',
        how: this.pick(['integers', 'bernoulli']),
        shape: [...this.pick(this.all).shape],
      }),
      () => this.update(after, false),
    ];
    return this.pick(draws)();
  }

  /** @param atEnd whether gradients are there. */
  update(after: number, atEnd: boolean): Effect | undefined {
    const float = (i: number): boolean => this.all[i]!.dtype === 'float32';
    const states = this.states.filter(float).filter(() => this.rng.nextUniform() < 0.7);
    const by = states.map((state) => this.pick(this.operands(state, after, atEnd)));
    if (states.length === 0) return undefined;
    const [learningRate, weightDecay] = [this.scalar(), this.pick([0, 0.05])];
    const gated = this.rng.nextUniform() < 0.3;
    const common = { states, by, learningRate, weightDecay, gated };
    const momentum = this.pick([0, 0.9]);
    const nesterov = momentum > 0 && this.rng.nextUniform() < 0.5;
    switch (this.rng.nextInt(3)) {
      case 0:
        return { kind: 'sgd', ...common, momentum, nesterov };
      case 1:
        return { kind: 'adam', ...common, decoupled: this.rng.nextUniform() < 0.5 };
      default:
        return { kind: 'average', states, by, weight: learningRate };
    }
  }

  /** What the step returns: everything, nothing, or some of it, in any order and more than once. */
  outputs(): StepProgram['outputs'] {
    const values = [...this.all.keys()].map((index) => ({ of: 'value' as const, index }));
    const gradients = (this.graph.gradient?.inputs ?? []).map((index) => ({
      of: 'gradient' as const,
      index,
    }));
    const states = this.states.map((index) => ({ of: 'state' as const, index }));
    const all = [...values, ...gradients, ...states];
    if (this.rng.nextUniform() < 0.25) return all;
    return Array.from({ length: this.rng.nextInt(5) }, () => this.pick(all));
  }

  private assign(after: number): Effect | undefined {
    // An int32 State may hold indices: what else it could hold is out of range most of the time.
    const states = this.states.filter(
      (s) => this.all[s]!.dtype !== 'int32' || this.rng.nextUniform() < 0.3,
    );
    if (states.length === 0) return undefined;
    const state = this.pick(states);
    const values = this.alike(state, after);
    return { kind: 'assign', state, value: this.pick(values) };
  }

  private read(): Effect | undefined {
    return this.states.length === 0 ? undefined : { kind: 'read', state: this.pick(this.states) };
  }

  private changed(after: number, effect: (value: number) => Effect): Effect | undefined {
    const floats = this.known(after).filter((i) => this.all[i]!.dtype === 'float32');
    return floats.length === 0 ? undefined : effect(this.pick(floats));
  }

  private operands(state: number, after: number, atEnd: boolean): Operand[] {
    const gradients = atEnd && this.graph.gradient?.inputs.includes(state);
    // The gradient is what an update is for.
    if (gradients && this.rng.nextUniform() < 0.7) return [{ of: 'gradient', index: state }];
    return this.alike(state, after).map((index) => ({ of: 'value', index }));
  }

  /** Values of a State's shape and dtype that are there after so many nodes; the State's own among them. */
  private alike(state: number, after: number): number[] {
    const { shape, dtype } = this.all[state]!;
    return this.known(after).filter((i) => {
      const other = this.all[i]!;
      return other.dtype === dtype && String(other.shape) === String(shape);
    });
  }

  private known(after: number): number[] {
    const first = firstResults(this.graph)[after] ?? this.all.length;
    return Array.from({ length: first }, (_, i) => i);
  }

  private source(): { rng: number } {
    return { rng: this.rng.nextInt(2) };
  }

  /** One of the Scalars, or a new one. */
  private scalar(): number {
    if (this.scalars.length > 0 && this.rng.nextUniform() < 0.4)
      return this.rng.nextInt(this.scalars.length);
    this.scalars.push(Array.from({ length: CALLS }, () => Math.fround(this.rng.nextUniform())));
    return this.scalars.length - 1;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.rng.nextInt(list.length)]!;
  }
}
