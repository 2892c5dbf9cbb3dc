/** Values of the host as the flat storage of a tensor. */
import { describe } from './engine.js';
import { ConfigError, ShapeError } from './errors.js';
import { checkDType } from './ops/arguments.js';
import type { DType, NestedArray, TensorLike } from './tensor.js';

type TypedArray = Exclude<TensorLike, NestedArray>;

export function isTypedArray(values: unknown): values is TypedArray {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}

/** The shape of nested arrays, which must all be as long as their neighbours. */
export function nestedShape(values: NestedArray, op: string): number[] {
  const shape: number[] = [];
  for (let v = values; Array.isArray(v); v = v[0] as NestedArray) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  checkNesting(values, shape, 0, [], op);
  return shape;
}

function checkNesting(
  value: NestedArray,
  shape: readonly number[],
  depth: number,
  path: readonly number[],
  op: string,
): void {
  const where = `values${path.map((i) => `[${i}]`).join('')}`;
  if (depth === shape.length) {
    const type = typeof value;
    if (type === 'number' || type === 'boolean' || type === 'string') return;
    throw new ShapeError(
      Array.isArray(value)
        ? `Nested arrays of ${op}() are equally deep. Received: ${where} is an array where its neighbours are values.`
        : `The values of ${op}() are numbers, booleans or text. Received: ${where} is ${describe(value)}.`,
    );
  }
  if (!Array.isArray(value) || value.length !== shape[depth]) {
    throw new ShapeError(
      `Nested arrays of ${op}() are equally long, none is ragged. Received: ${where} is ${describe(value)}, ` +
        `its neighbours are arrays of ${shape[depth]}. Pad or cut them to one length.`,
    );
  }
  if (depth + 1 === shape.length && isFlatNumbers(value)) return;
  for (let i = 0; i < value.length; i++) {
    checkNesting(value[i] as NestedArray, shape, depth + 1, [...path, i], op);
  }
}

function isFlatNumbers(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'number') return false;
  return true;
}

/** The elements of nested arrays in row-major order. */
export function flatValues(values: NestedArray): (number | boolean | string)[] {
  const flat: (number | boolean | string)[] = [];
  const visit = (v: NestedArray): void => {
    if (Array.isArray(v)) for (const w of v) visit(w as NestedArray);
    else flat.push(v as number | boolean | string);
  };
  visit(values);
  return flat;
}

export function inferredDType(values: TensorLike): DType {
  if (isTypedArray(values)) {
    return values instanceof Float32Array || values instanceof Float64Array ? 'float32' : 'int32';
  }
  let first: unknown = values;
  while (Array.isArray(first)) first = first[0];
  if (typeof first === 'boolean') return 'bool';
  return typeof first === 'string' ? 'string' : 'float32';
}

/** A new array that holds `flat` as the engine stores `dtype`. */
export function storage(
  flat: ArrayLike<number | boolean | string>,
  dtype: DType,
  op: string,
): Float32Array | Int32Array | Uint8Array | string[] {
  checkDType(dtype, op);
  if (dtype === 'complex64') {
    throw new ConfigError(
      `${op}() makes float32, int32, bool or string. Received: dtype 'complex64'. cast() a float32 tensor.`,
    );
  }
  if (dtype === 'string') {
    checkKind(flat, 'string', dtype, op);
    return Array.from(flat as ArrayLike<string>);
  }
  if (!isTypedArray(flat) || typeof flat[0] === 'bigint') checkKind(flat, 'number', dtype, op);
  const numbers = flat as ArrayLike<number>;
  if (dtype === 'float32') return new Float32Array(numbers);
  if (dtype === 'int32') return new Int32Array(numbers);
  const flags = new Uint8Array(numbers.length);
  for (let i = 0; i < flags.length; i++) flags[i] = numbers[i] ? 1 : 0;
  return flags;
}

function checkKind(
  flat: ArrayLike<unknown>,
  kind: 'number' | 'string',
  dtype: DType,
  op: string,
): void {
  for (let i = 0; i < flat.length; i++) {
    const type = typeof flat[i];
    if (type === kind || (kind === 'number' && type === 'boolean')) continue;
    throw new ShapeError(
      `The values of ${op}() are of one kind. Received: ${describe(flat[i])} at element ${i} of a ${dtype} tensor.`,
    );
  }
}
