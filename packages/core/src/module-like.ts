import type { Parameter } from './state/parameter.js';
import type { State } from './state/state.js';

/**
 * What core knows of a module: its parameters and other states by name, and whether it is training.
 * `Module` of the layers package has this shape; so may anything else.
 */
export interface ModuleLike {
  readonly training: boolean;
  namedParameters(): Iterable<readonly [string, Parameter]>;
  /** Every State, parameters included, by name, in declaration order. */
  namedStates(): Iterable<readonly [string, State]>;
  train(): this;
  eval(): this;
  // A method, so that modules with one tensor, several or a sequence of them all fit.
  forward(...inputs: never[]): unknown;
}
