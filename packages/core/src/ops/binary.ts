/**
 * Arithmetic on two arguments, element by element.
 *
 * Each takes tensors, numbers or Scalars. Shapes broadcast: aligned at the last axis, sizes equal or
 * 1. Of int32 and float32 the result is float32; a whole number beside an int32 tensor counts as
 * int32; bool counts as int32. Errors: ShapeError for shapes that do not broadcast.
 */
import { noGrad } from '../autodiff/tape.js';
import { describe, isTensor, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { DType, Tensor } from '../tensor.js';
import { broadcastShapes, sameShape } from './arguments.js';
import { asTensor, commonDType, type Operand, scalarTensor } from './operand.js';
import { runStopped } from './recording.js';

type Runner = typeof run;

/** The kernels that take complex numbers on every engine. */
const COMPLEX = new Set(['Add', 'Sub', 'Multiply']);

/** a + b */
export function add(a: Operand, b: Operand): Tensor {
  return binary('Add', 'add', a, b);
}

/** a − b */
export function sub(a: Operand, b: Operand): Tensor {
  return binary('Sub', 'sub', a, b);
}

/** a · b */
export function mul(a: Operand, b: Operand): Tensor {
  return binary('Multiply', 'mul', a, b);
}

/** a / b, always float32; see floorDiv() for whole quotients. */
export function div(a: Operand, b: Operand): Tensor {
  return binary('RealDiv', 'div', a, b, 'float32');
}

/** ⌊a / b⌋, int32 for int32 arguments, else float32. Its gradient is zero, as that of floor(). */
export function floorDiv(a: Operand, b: Operand): Tensor {
  const dtype = commonDType(a, b, 'floorDiv');
  if (dtype === 'int32' || dtype === 'bool')
    return binary('FloorDiv', 'floorDiv', a, b, 'int32', runStopped);
  // The kernel gives int32 whatever comes in, which overflows.
  return noGrad(() => {
    const quotient = div(a, b);
    try {
      return run('Floor', { x: quotient });
    } finally {
      quotient.dispose();
    }
  });
}

/** a − b·⌊a / b⌋: the remainder that has the sign of b. */
export function mod(a: Operand, b: Operand): Tensor {
  return binary('Mod', 'mod', a, b);
}

/** aᵇ; NaN for a negative a and a b that is not whole. */
export function pow(a: Operand, b: Operand): Tensor {
  return binary('Pow', 'pow', a, b);
}

/** The larger of a and b. Where they are equal, the gradient goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary('Maximum', 'maximum', a, b);
}

/** The smaller of a and b. Where they are equal, the gradient goes to a. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary('Minimum', 'minimum', a, b);
}

/** (a − b)² */
export function squaredDifference(a: Operand, b: Operand): Tensor {
  return binary('SquaredDifference', 'squaredDifference', a, b);
}

/** The angle of the point (b, a) in radians, from −π to π; a is the y coordinate. Float32. */
export function atan2(a: Operand, b: Operand): Tensor {
  return binary('Atan2', 'atan2', a, b, 'float32');
}

function binary(
  kernel: string,
  op: string,
  a: Operand,
  b: Operand,
  least: 'int32' | 'float32' = 'int32',
  runner: Runner = run,
): Tensor {
  // The common cases, with as few steps as may be; all others, wrong ones among them, go on below.
  if (isLiveFloat(a)) {
    if (isLiveFloat(b)) {
      if (!sameShape(a.shape, b.shape)) broadcastShapes(a.shape, b.shape, op);
      return runner(kernel, { a, b });
    }
    if (typeof b === 'number') {
      const scalar = scalarTensor(b, 'float32');
      try {
        return runner(kernel, { a, b: scalar });
      } finally {
        scalar.dispose();
      }
    }
  }
  return mixed(kernel, op, a, b, least, runner);
}

function isLiveFloat(x: Operand): x is Tensor {
  return (x as Tensor | undefined)?.dtype === 'float32' && !(x as Tensor).isDisposed;
}

/** With numbers, Scalars or other dtypes among the arguments. */
function mixed(
  kernel: string,
  op: string,
  a: Operand,
  b: Operand,
  least: 'int32' | 'float32',
  runner: Runner,
): Tensor {
  let dtype: DType = commonDType(a, b, op);
  if (dtype === 'string' || (dtype === 'complex64' && !COMPLEX.has(kernel))) {
    throw new ShapeError(
      `${op}() takes ${dtype === 'string' ? '' : 'real '}numbers. Received: ${describe(a)} and ${describe(b)}.`,
    );
  }
  if (dtype === 'bool' || (dtype === 'int32' && least === 'float32')) dtype = least;
  if (isTensor(a) && isTensor(b)) broadcastShapes(a.shape, b.shape, op);
  const made: Tensor[] = [];
  try {
    return runner(kernel, { a: asTensor(a, dtype, made), b: asTensor(b, dtype, made) });
  } finally {
    for (const t of made) t.dispose();
  }
}
