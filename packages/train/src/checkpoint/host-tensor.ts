/** Tensors on the host, as checkpoints hold them. */
import {
  assign,
  CheckpointError,
  decodeSafetensors,
  describeValue,
  dispose,
  encodeSafetensors,
  nearest,
  type State,
  tensor,
  type Tensor,
  tidy,
} from '@stratajs/core';

export interface HostTensor {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type HostTensors = Readonly<Record<string, HostTensor>>;

/** Copies the values of all states at this moment: what changes while they are read is not seen. */
export async function readStates(
  states: Iterable<readonly [string, State]>,
): Promise<Record<string, HostTensor>> {
  const values = tidy(() => [...states].map(([name, state]) => [name, state.value] as const));
  try {
    return await readTensors(Object.fromEntries(values));
  } finally {
    dispose(values.map(([, value]) => value));
  }
}

export async function readTensors(
  tensors: Readonly<Record<string, Tensor>>,
): Promise<Record<string, HostTensor>> {
  const read: Record<string, HostTensor> = {};
  for (const [name, t] of Object.entries(tensors)) {
    const { dtype } = t;
    if (dtype === 'string' || dtype === 'complex64') {
      throw new CheckpointError(
        `A checkpoint holds float32, int32 and bool values. Received: '${name}', ${describeValue(t)}. ` +
          'Keep it as two float32 states, or out of States.',
      );
    }
    read[name] = { dtype, shape: [...t.shape], data: (await t.data()) as HostTensor['data'] };
  }
  return read;
}

/**
 * What of `values` does not fit `states`, one line each: names missing on either side, other shapes
 * or dtypes.
 */
export function misfits(
  what: string,
  states: ReadonlyMap<string, State>,
  values: HostTensors,
): string[] {
  const lines: string[] = [];
  const unmatched: string[] = [];
  for (const [name, state] of states) {
    const value = Object.hasOwn(values, name) ? values[name]! : null;
    if (!value) {
      unmatched.push(name);
      lines.push(`missing in the checkpoint: ${what} '${name}'`);
    } else if (!sameShape(state.shape, value.shape) || state.dtype !== value.dtype) {
      lines.push(
        `other shape: ${what} '${name}' is ${state.dtype} [${state.shape.join(', ')}] here and ` +
          `${value.dtype} [${value.shape.join(', ')}] in the checkpoint`,
      );
    }
  }
  for (const name of Object.keys(values).filter((n) => !states.has(n))) {
    lines.push(`unexpected in the checkpoint: ${what} '${name}'.${nearest(name, unmatched)}`);
  }
  return lines;
}

/** Sets each state to its value; they must fit. */
export function writeStates(states: ReadonlyMap<string, State>, values: HostTensors): void {
  for (const [name, state] of states) {
    const value = toTensor(values[name]!);
    try {
      assign(state, value);
    } finally {
      value.dispose();
    }
  }
}

export function toTensor({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data, shape, dtype);
}

const FILE_DTYPES = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;

/** As a safetensors file. */
export function encodeTensors(tensors: HostTensors, metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors(
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
        name,
        { dtype: FILE_DTYPES[dtype], shape, data },
      ]),
    ),
    metadata,
  );
}

/** @throws CheckpointError for bytes that are no safetensors file. */
export function decodeTensors(bytes: Uint8Array): {
  tensors: HostTensors;
  metadata: Readonly<Record<string, string>>;
} {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const onHost = Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
    name,
    hostTensor(dtype, shape, data),
  ]);
  return { tensors: Object.fromEntries(onHost), metadata };
}

function hostTensor(dtype: string, shape: readonly number[], data: ArrayBufferView): HostTensor {
  if (dtype === 'BOOL') return { dtype: 'bool', shape, data: data as Uint8Array };
  if (data instanceof Int32Array) return { dtype: 'int32', shape, data };
  return { dtype: 'float32', shape, data: data as Float32Array };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}
