/** Arguments that may be a tensor, a number or a Scalar. */
import { recording } from '../compile/recording.js';
import { describe, engine, isTensor, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { Scalar } from '../state/scalar.js';
import type { DType, Tensor } from '../tensor.js';
import { checkTensor } from './arguments.js';

/** What stands on either side of an operation with two arguments. */
export type Operand = Tensor | number | Scalar;

/** A tensor of rank 0. The one place where a number becomes an operand. */
export function scalarTensor(value: number, dtype: 'float32' | 'int32' | 'bool'): Tensor {
  const values =
    dtype === 'float32'
      ? new Float32Array(1)
      : dtype === 'int32'
        ? new Int32Array(1)
        : new Uint8Array(1);
  values[0] = value;
  return engine().makeTensor(values, [], dtype);
}

/** The dtype that an operation on both computes in: the wider of bool < int32 < float32 < complex64. */
export function commonDType(a: Operand, b: Operand, op: string): DType {
  const left = operandDType(a, b, op, 'a');
  const right = operandDType(b, a, op, 'b');
  if (left === right) return left;
  if (left === 'string' || right === 'string') {
    throw new ShapeError(
      `${op}() takes two arguments of one kind. Received: ${describe(a)} and ${describe(b)}. Text mixes with text only.`,
    );
  }
  if (left === 'complex64' || right === 'complex64') return 'complex64';
  return left === 'float32' || right === 'float32' ? 'float32' : 'int32';
}

/** A whole number beside an int32 tensor stays int32; a Scalar, which may change, is float32 always. */
function operandDType(x: Operand, beside: Operand, op: string, name: string): DType {
  if (typeof x === 'number') {
    return isTensor(beside) && beside.dtype !== 'float32' && (x | 0) === x ? 'int32' : 'float32';
  }
  if (x instanceof Scalar) return 'float32';
  checkTensor(x, op, name);
  return x.dtype;
}

/** `x` as a tensor of `dtype`; new ones are also put in `made`, for the caller to free. */
export function asTensor(x: Operand, dtype: DType, made: Tensor[]): Tensor {
  let t: Tensor;
  if (isTensor(x)) {
    if (x.dtype === dtype) return x;
    t = run('Cast', { x }, { dtype });
  } else {
    const kind = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
    t = typeof x === 'number' ? scalarTensor(x, kind) : tensorOfScalar(x, kind);
    if (dtype === 'complex64') {
      made.push(t);
      t = run('Cast', { x: t }, { dtype });
    }
  }
  made.push(t);
  return t;
}

/** A Scalar's value now; a program reads it anew in every run. */
export function tensorOfScalar(x: Scalar, dtype: 'float32' | 'int32' | 'bool'): Tensor {
  const recorder = recording();
  if (recorder === null) return scalarTensor(Scalar.peek(x), dtype);
  recorder.depth++;
  try {
    const t = scalarTensor(Scalar.peek(x), dtype);
    recorder.scalar(x, t);
    return t;
  } finally {
    recorder.depth--;
  }
}

/** The number behind a kernel's attribute; `what` names the argument in the message. */
export function attributeNumber(value: number | Scalar, what: string): number {
  const number = value instanceof Scalar ? value.value : value;
  if (typeof number === 'number') return number;
  throw new ConfigError(`${what} is a number or a Scalar. Received: ${describe(value)}.`);
}
