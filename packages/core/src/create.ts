/** Tensors from values. */
import { recording } from './compile/recording.js';
import { describe, engine, isTensor, run } from './engine.js';
import { BackendError, ConfigError, ShapeError } from './errors.js';
import {
  checkDType,
  checkInteger,
  checkShape,
  checkTensor,
  shapeText,
  sizeOf,
} from './ops/arguments.js';
import { attributeNumber, tensorOfScalar } from './ops/operand.js';
import { Scalar } from './state/scalar.js';
import type { DType, NestedArray, Shape, Tensor, TensorLike } from './tensor.js';
import { flatValues, inferredDType, isTypedArray, nestedShape, storage } from './values.js';

/**
 * A tensor of the values given: a number, nested arrays of one shape, or a typed array, which is
 * copied.
 *
 *     tensor([[1, 2], [3, 4]]);                         // float32 [2, 2]
 *     tensor(new Float32Array(6), [2, 3]);
 *
 * @param shape default: the nesting of `values`; a typed array is a vector.
 * @param dtype default: booleans → bool, text → string, Int32Array and Uint8Array → int32, all else → float32.
 * @throws ShapeError for ragged arrays, or a number of values other than the shape holds.
 */
export function tensor(values: TensorLike, shape?: Shape, dtype?: DType): Tensor {
  return make(values, shape, dtype, 'tensor');
}

/** As tensor(), for values that stay as they are: allowed while a program is recorded, where they become part of it. */
export function constant(values: TensorLike, shape?: Shape, dtype?: DType): Tensor {
  return make(values, shape, dtype, 'constant');
}

/** A tensor of rank 0. A Scalar gives the value it has now. */
export function scalar(value: number | boolean | string | Scalar, dtype?: DType): Tensor {
  if (value instanceof Scalar && recording() !== null) {
    const t = tensorOfScalar(value, 'float32');
    return dtype === undefined || dtype === 'float32' ? t : run('Cast', { x: t }, { dtype });
  }
  const v = value instanceof Scalar ? value.value : value;
  if (typeof v !== 'number' && typeof v !== 'boolean' && typeof v !== 'string') {
    throw new ShapeError(
      `scalar() takes one number, boolean or text. Received: ${describe(v)}. Use tensor() for more.`,
    );
  }
  return make(v, [], dtype, 'scalar');
}

/** A tensor of zeros. Default dtype: float32. */
export function zeros(shape: Shape, dtype?: DType): Tensor {
  return full(shape, 0, dtype);
}

/** A tensor of ones. Default dtype: float32. */
export function ones(shape: Shape, dtype?: DType): Tensor {
  return full(shape, 1, dtype);
}

/** A tensor that holds `value` everywhere. Default dtype: float32. */
export function full(shape: Shape, value: number | Scalar, dtype: DType = 'float32'): Tensor {
  checkShape(shape, 'full');
  const v = attributeNumber(value, 'The value of full()');
  if (dtype === 'string') {
    throw new ConfigError(
      "full() fills with numbers. Received: dtype 'string'. Use tensor() for text.",
    );
  }
  checkDType(dtype, 'full');
  checkEngine('full');
  if (dtype === 'complex64') {
    const real = run('Fill', {}, { shape: [...shape], value: v, dtype: 'float32' });
    try {
      return run('Cast', { x: real }, { dtype });
    } finally {
      real.dispose();
    }
  }
  return run(
    'Fill',
    {},
    { shape: [...shape], value: dtype === 'bool' ? Number(v !== 0) : v, dtype },
  );
}

/** Zeros of the shape and dtype of `x`. */
export function zerosLike(x: Tensor): Tensor {
  checkTensor(x, 'zerosLike');
  return full(x.shape, 0, x.dtype);
}

/** Ones of the shape and dtype of `x`. */
export function onesLike(x: Tensor): Tensor {
  checkTensor(x, 'onesLike');
  return full(x.shape, 1, x.dtype);
}

/**
 * The numbers start, start + step, … before stop; arange(stop) counts from 0. Default step: 1.
 * Default dtype: int32 when start, stop and step are whole, else float32.
 */
export function arange(
  start: number,
  stop?: number,
  step: number = 1,
  dtype?: 'float32' | 'int32',
): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    throw new ConfigError(
      `arange() takes finite numbers and a step other than 0. Received: start ${describe(from)}, stop ${describe(to)}, step ${describe(step)}.`,
    );
  }
  const n = Math.max(0, Math.ceil((to - from) / step));
  const whole = [from, to, step].every((v) => Number.isInteger(v));
  const values = Float64Array.from({ length: n }, (_, i) => from + i * step);
  return make(values, [n], dtype ?? (whole ? 'int32' : 'float32'), 'arange');
}

/** `num` numbers from start to stop, both included, at equal distances. Float32. */
export function linspace(start: number, stop: number, num: number): Tensor {
  checkInteger(num, 1, 'The count of linspace()');
  const values = Float64Array.from({ length: num }, (_, i) =>
    i === num - 1 && num > 1 ? stop : start + (num === 1 ? 0 : ((stop - start) * i) / (num - 1)),
  );
  return make(values, [num], 'float32', 'linspace');
}

/** The identity matrix: n rows, m columns (default n), 1 on the diagonal. Float32. */
export function eye(n: number, m: number = n): Tensor {
  checkInteger(n, 0, 'The number of rows of eye()');
  checkInteger(m, 0, 'The number of columns of eye()');
  const values = new Float32Array(n * m);
  for (let i = 0; i < Math.min(n, m); i++) values[i * m + i] = 1;
  return make(values, [n, m], 'float32', 'eye');
}

function make(
  values: TensorLike,
  shape: Shape | undefined,
  dtype: DType | undefined,
  op: string,
): Tensor {
  if (isTensor(values)) {
    throw new ShapeError(
      `${op}() takes plain values. Received: ${describe(values)}. It is a tensor already; use identity() to copy it.`,
    );
  }
  if (values === undefined || values === null) {
    throw new ShapeError(
      `${op}() takes values. Received: ${describe(values)}. For an empty tensor pass [].`,
    );
  }
  if (shape !== undefined) checkShape(shape, op);
  const typed = isTypedArray(values);
  const given = typed ? [values.length] : nestedShape(values as NestedArray, op);
  const target = shape ?? given;
  if (sizeOf(target) !== sizeOf(given)) {
    throw new ShapeError(
      `The values of ${op}() fill the shape. Received: ${sizeOf(given)} values for shape ${shapeText(target)}, ` +
        `which holds ${sizeOf(target)}.`,
    );
  }
  if (op === 'tensor' || op === 'scalar') {
    recording()?.refuse(
      `${op}() of values of the host`,
      'They would be the same in every run: write constant() where they are, else pass the tensor as an argument.',
    );
  }
  const kind = dtype ?? inferredDType(values);
  checkEngine(op);
  const flat = typed ? values : flatValues(values as NestedArray);
  return engine().makeTensor(storage(flat, kind, op), [...target], kind);
}

function checkEngine(op: string): void {
  // tfjs says null or undefined before the first engine.
  if (engine().backendName) return;
  throw new BackendError(
    `${op}() needs an engine to hold the tensor. Received: none is active. ` +
      'Choose one first, for example await use(cpu()) of @stratajs/backend-cpu.',
  );
}
