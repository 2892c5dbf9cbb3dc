import { type Parameter, State, tidy, zeros } from '@stratajs/core';

/** One State of zeros beside each parameter, of its shape: velocities, moments. */
export class Slots {
  private readonly prefix: string;
  private readonly states: Map<string, State>;

  constructor(prefix: string, named: ReadonlyMap<string, Parameter>) {
    this.prefix = prefix;
    // For frozen parameters too: which are may change, and a checkpoint's names must not.
    this.states = new Map(
      [...named].map(([name, p]) => [name, tidy(() => new State(zeros(p.shape)))]),
    );
  }

  of(names: readonly string[]): State[] {
    return names.map((name) => this.states.get(name)!);
  }

  /** Names such as 'momentum/features.0.weight'. */
  *namedStates(): IterableIterator<[string, State]> {
    for (const [name, state] of this.states) yield [`${this.prefix}/${name}`, state];
  }

  dispose(): void {
    for (const state of this.states.values()) state.dispose();
  }
}
