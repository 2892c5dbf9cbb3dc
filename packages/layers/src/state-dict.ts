import {
  CheckpointError,
  dispose,
  assign,
  describeValue,
  isTensor,
  nearest,
  type Shape,
  type State,
  type Tensor,
  tensor,
} from '@stratajs/core';

/** A value to load: a tensor, or elements in row-major order with their shape, as a file holds them. */
export type StateValue =
  | Tensor
  | {
      readonly shape: Shape;
      readonly data: Float32Array | Float64Array | Int32Array | Uint8Array | readonly number[];
    };

/** Values by the path of the State that each is for. */
export type StateDict = Readonly<Record<string, StateValue>>;

/** Checks every name and shape, then assigns: all of `dict` or nothing. */
export function loadInto(
  states: ReadonlyMap<string, State>,
  dict: StateDict,
  strict: boolean,
): void {
  const missing = [...states.keys()].filter((name) => !Object.hasOwn(dict, name));
  const unexpected = Object.keys(dict).filter((name) => !states.has(name));
  const common = Object.keys(dict).filter((name) => states.has(name));
  const misshaped = common
    .map((name) => [name, misfit(states.get(name)!, dict[name])] as const)
    .filter(([, fault]) => fault !== null);

  const faults = misshaped.map(([name, fault]) => `mis-shaped '${name}': ${fault}`);
  if (strict) {
    faults.unshift(
      ...missing.map((name) => `missing '${name}'`),
      ...unexpected.map((name) => `unexpected '${name}'.${suggestion(name, missing, states)}`),
    );
  }
  if (faults.length > 0) {
    throw new CheckpointError(
      `The values to load must be those of the model, name by name. Received: ${Object.keys(dict).length} values ` +
        `for ${states.size} states, of which do not fit:\n  ${faults.join('\n  ')}\n` +
        'Nothing was loaded. Build the model with the options it was saved with' +
        (strict && misshaped.length === 0 ? ', or pass { strict: false } to load what fits.' : '.'),
    );
  }

  const next: [State, Tensor, boolean][] = [];
  try {
    for (const name of common) {
      const value = dict[name]!;
      const state = states.get(name)!;
      if (isTensor(value)) next.push([state, value, false]);
      else next.push([state, tensor(value.data, state.shape, state.dtype), true]);
    }
    for (const [state, value] of next) assign(state, value);
  } finally {
    for (const [, value, own] of next) if (own) dispose(value);
  }
}

function misfit(state: State, value: unknown): string | null {
  const expected = `${state.dtype} [${state.shape.join(', ')}]`;
  if (isTensor(value)) {
    if (value.isDisposed) return `expected ${expected}, received a tensor that has been disposed`;
    return sameShape(value.shape, state.shape) && value.dtype === state.dtype
      ? null
      : `expected ${expected}, received ${value.dtype} [${value.shape.join(', ')}]`;
  }
  const { shape, data } = (value ?? {}) as { shape?: unknown; data?: unknown };
  if (!Array.isArray(shape) || !(Array.isArray(data) || ArrayBuffer.isView(data))) {
    return `expected ${expected}, received ${describeValue(value)}`;
  }
  const { length } = data as ArrayLike<number>;
  if (!sameShape(shape, state.shape)) return `expected ${expected}, received [${shape.join(', ')}]`;
  if (length !== state.size) return `expected ${state.size} elements, received ${length}`;
  return null;
}

function sameShape(a: readonly unknown[], b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** The nearest name, looked for first among those still missing; '' when none is near. */
function suggestion(
  name: string,
  missing: readonly string[],
  states: ReadonlyMap<string, State>,
): string {
  for (const known of [missing, [...states.keys()]]) {
    const hint = nearest(name, known);
    if (hint.startsWith(' Did')) return hint;
  }
  return '';
}
