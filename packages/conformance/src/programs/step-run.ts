/** Calls of a step, eager or compiled, and all that can be seen of them. */
import { assign, compile, dispose, identity, type State, type Tensor, tidy } from '@stratajs/core';
import type { Elements } from './elements.js';
import type { ProgramInput } from './program.js';
import { stepFunction, type StepResult } from './step-function.js';
import { StepHoldings, tensorOf } from './step-holdings.js';
import { CALLS, type StepProgram } from './step-program.js';

const LAST = CALLS - 1;

/** What can be seen of a call: the error, or all elements, by what they are of. */
export interface Seen {
  readonly error: string | null;
  readonly elements: ReadonlyMap<string, Elements>;
  /** Where generators stand, as JSON. */
  readonly rngs: string;
}

/** A tensor that somebody holds while calls come and go, and the elements that it has. */
interface Held {
  readonly what: string;
  readonly tensor: Tensor;
  readonly elements: Elements;
}

/**
 * A step that is called again and again. Between calls everything is done that must neither disturb a program nor be disturbed by
 * it: results are kept, given to States and passed back in; States are read, and what was read is kept; arguments coincide.
 */
export class StepRun {
  private readonly program: StepProgram;
  private readonly holdings: StepHoldings;
  private readonly call: (...args: Tensor[]) => StepResult;
  private readonly end: () => void;
  private held: Held[] = [];

  constructor(program: StepProgram, how: 'eager' | 'compiled') {
    this.program = program;
    this.holdings = new StepHoldings(program);
    const step = stepFunction(program, this.holdings);
    if (how === 'compiled') {
      const compiled = compile(step);
      [this.call, this.end] = [compiled, () => compiled.dispose()];
    } else {
      [this.call, this.end] = [(...args) => tidy(() => separate(step(...args))), () => {}];
    }
  }

  /** Call number `n`, from 0. */
  async next(n: number): Promise<Seen> {
    const { scalars, rngs } = this.holdings;
    scalars.forEach((scalar, k) => (scalar.value = this.program.scalars[k]![n]!));
    if (n === 1) await this.holdStates();
    if (n === 2) this.resultsToStates();
    if (n === 3) this.release();
    const args = this.argsOf(n);
    try {
      const elements = await this.seen(n, this.call(...args));
      return { error: null, elements, rngs: JSON.stringify(rngs.map((rng) => rng.state())) };
    } catch (error) {
      return { error: String(error), elements: new Map(), rngs: '' };
    } finally {
      dispose(args);
    }
  }

  /** Tensors that are held, and have other elements now. */
  async disturbed(): Promise<string[]> {
    const found: string[] = [];
    for (const { what, tensor, elements } of this.held) {
      if (!sameBits((await tensor.data()) as Elements, elements)) found.push(what);
    }
    return found;
  }

  dispose(): void {
    this.release();
    this.end();
    this.holdings.dispose();
  }

  private async seen(n: number, { values, others }: StepResult): Promise<Map<string, Elements>> {
    const elements = new Map<string, Elements>();
    const results = [
      ...values.map((tensor, k) => [`output ${k}`, tensor] as const),
      ...others.drawn.map((tensor, k) => [`draw ${k}`, tensor] as const),
    ];
    for (const [what, tensor] of results) {
      elements.set(what, await this.hold(`${what} of call ${n + 1}`, tensor));
    }
    for (const [what, state] of this.holdings.allStates()) {
      const value = state.value;
      elements.set(what, (await value.data()) as Elements);
      value.dispose();
    }
    return elements;
  }

  private async hold(what: string, tensor: Tensor): Promise<Elements> {
    const elements = (await tensor.data()) as Elements;
    this.held.push({ what, tensor, elements });
    return elements;
  }

  private async holdStates(): Promise<void> {
    for (const [what, state] of this.holdings.allStates()) {
      await this.hold(`what ${what} held before call 2`, state.value);
    }
  }

  private release(): void {
    dispose(this.held.map(({ tensor }) => tensor));
    this.held = [];
  }

  /** States share what was given out, where it is of their shape. */
  private resultsToStates(): void {
    for (const state of this.holdings.states.values()) {
      const fits = this.held.find(
        ({ what, tensor }) => what.startsWith('output') && isLike(tensor, state),
      );
      if (fits) assign(state, fits.tensor);
    }
  }

  /** Other elements in every call; in the third what States hold, in the fourth one tensor for all of a shape. */
  private argsOf(n: number): Tensor[] {
    const { graph, roles } = this.program;
    const inputs = graph.inputs.filter((_, i) => roles[i] === 'argument');
    const args = inputs.map((input) => tensorOf(changed(input, n)));
    const states = [...this.holdings.states.values()].filter(({ dtype }) => dtype === 'float32');
    return args.map((arg) => {
      const other =
        n === 2
          ? states.find((state) => isLike(state, arg))?.value
          : n === 3
            ? args.find((twin) => isLike(twin, arg))
            : undefined;
      if (other === undefined || other === arg) return arg;
      arg.dispose();
      return other;
    });
  }
}

/** As a compiled function gives them: each result a tensor of its own. */
function separate({ values, others }: StepResult): StepResult {
  return {
    values: values.map((t) => identity(t)),
    others: { ...others, drawn: others.drawn.map((t) => identity(t)) },
  };
}

/** float32 in another order; int32 in the last call beyond all that indices may be, so that some kernels throw. */
function changed(input: ProgramInput, n: number): ProgramInput {
  const { dtype, values } = input;
  if (dtype === 'int32' && n === LAST) {
    return { ...input, values: values.map((x) => Number(x) + 2 ** 20) };
  }
  if (dtype !== 'float32' || values.length === 0) return input;
  const by = n % values.length;
  return { ...input, values: [...values.slice(by), ...values.slice(0, by)] };
}

function isLike(a: Tensor | State, b: Tensor | State): boolean {
  return a.dtype === b.dtype && String(a.shape) === String(b.shape);
}

/** 0 and −0 differ; every NaN is one. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
