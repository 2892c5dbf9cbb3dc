/**
 * Functions of one argument, element by element.
 *
 * Those that stay among whole numbers (neg, abs, sign, square, floor, ceil, round, clip) keep int32;
 * the others compute and return float32. Errors: ShapeError for an argument that is no numeric tensor.
 */
import { type Attributes, describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { Scalar } from '../state/scalar.js';
import type { Tensor } from '../tensor.js';
import { checkNumeric, checkTensor, checkTensors, sameShape, shapeText } from './arguments.js';
import { attributeNumber } from './operand.js';

/** −x */
export function neg(x: Tensor): Tensor {
  return whole('Neg', 'neg', x);
}

/** |x|. Its gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return whole('Abs', 'abs', x);
}

/** −1, 0 or 1 by the sign of x. Its gradient is zero. */
export function sign(x: Tensor): Tensor {
  return whole('Sign', 'sign', x);
}

/** √x; NaN for negative x. */
export function sqrt(x: Tensor): Tensor {
  return float('Sqrt', 'sqrt', x);
}

/** 1/√x */
export function rsqrt(x: Tensor): Tensor {
  return float('Rsqrt', 'rsqrt', x);
}

/** x² */
export function square(x: Tensor): Tensor {
  return whole('Square', 'square', x);
}

/** 1/x */
export function reciprocal(x: Tensor): Tensor {
  return float('Reciprocal', 'reciprocal', x);
}

/** eˣ */
export function exp(x: Tensor): Tensor {
  return float('Exp', 'exp', x);
}

/** eˣ − 1, exact near 0. */
export function expm1(x: Tensor): Tensor {
  return float('Expm1', 'expm1', x);
}

/** The natural logarithm; −∞ at 0 and NaN below. */
export function log(x: Tensor): Tensor {
  return float('Log', 'log', x);
}

/** ln(1 + x), exact near 0. */
export function log1p(x: Tensor): Tensor {
  return float('Log1p', 'log1p', x);
}

/** The sine of x in radians. */
export function sin(x: Tensor): Tensor {
  return float('Sin', 'sin', x);
}

/** The cosine of x in radians. */
export function cos(x: Tensor): Tensor {
  return float('Cos', 'cos', x);
}

/** The tangent of x in radians. */
export function tan(x: Tensor): Tensor {
  return float('Tan', 'tan', x);
}

/** The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. */
export function asin(x: Tensor): Tensor {
  return float('Asin', 'asin', x);
}

/** The angle in [0, π] whose cosine is x; NaN outside [−1, 1]. */
export function acos(x: Tensor): Tensor {
  return float('Acos', 'acos', x);
}

/** The angle in (−π/2, π/2) whose tangent is x. */
export function atan(x: Tensor): Tensor {
  return float('Atan', 'atan', x);
}

/** (eˣ − e⁻ˣ) / 2 */
export function sinh(x: Tensor): Tensor {
  return float('Sinh', 'sinh', x);
}

/** (eˣ + e⁻ˣ) / 2 */
export function cosh(x: Tensor): Tensor {
  return float('Cosh', 'cosh', x);
}

/** ln(x + √(x² + 1)) */
export function asinh(x: Tensor): Tensor {
  return float('Asinh', 'asinh', x);
}

/** ln(x + √(x² − 1)); NaN below 1. */
export function acosh(x: Tensor): Tensor {
  return float('Acosh', 'acosh', x);
}

/** ½·ln((1 + x)/(1 − x)); NaN outside [−1, 1]. */
export function atanh(x: Tensor): Tensor {
  return float('Atanh', 'atanh', x);
}

/** The error function 2/√π ∫₀ˣ exp(−t²) dt. Engines may approximate it to about 1e-7. */
export function erf(x: Tensor): Tensor {
  return float('Erf', 'erf', x);
}

/** ⌊x⌋. Its gradient is zero. */
export function floor(x: Tensor): Tensor {
  return whole('Floor', 'floor', x);
}

/** ⌈x⌉. Its gradient is zero. */
export function ceil(x: Tensor): Tensor {
  return whole('Ceil', 'ceil', x);
}

/** The nearest whole number, halves to the even one. Its gradient is zero. */
export function round(x: Tensor): Tensor {
  return whole('Round', 'round', x);
}

/**
 * x limited to [min, max]. The gradient passes where x lies inside, bounds included.
 *
 * @throws ConfigError when min > max or one is NaN.
 */
export function clip(x: Tensor, min: number | Scalar, max: number | Scalar): Tensor {
  checkTensor(x, 'clip');
  checkNumeric(x, 'clip', false);
  const low = attributeNumber(min, 'The min of clip()');
  const high = attributeNumber(max, 'The max of clip()');
  if (!(low <= high)) {
    throw new ConfigError(
      `clip() needs min ≤ max. Received: min ${describe(low)}, max ${describe(high)}. Use -Infinity or Infinity for an open end.`,
    );
  }
  return run('ClipByValue', { x }, { clipValueMin: low, clipValueMax: high });
}

/** The sum of tensors of one shape and dtype. */
export function addN(tensors: readonly Tensor[]): Tensor {
  checkTensors(tensors, 'addN');
  const first = tensors[0]!;
  checkNumeric(first, 'addN', false);
  const other = tensors.find((t) => !sameShape(t.shape, first.shape) || t.dtype !== first.dtype);
  if (other) {
    throw new ShapeError(
      `addN() takes tensors of one shape and dtype. Received: ${first.dtype} ${shapeText(first.shape)} and ` +
        `${other.dtype} ${shapeText(other.shape)}. Use add(), which broadcasts.`,
    );
  }
  if (tensors.length === 1) return run('Identity', { x: first });
  return run('AddN', tensors as unknown as Record<string, Tensor>);
}

/** Runs a kernel that keeps int32. */
function whole(kernel: string, op: string, x: Tensor): Tensor {
  checkTensor(x, op);
  if (x.dtype === 'float32' || x.dtype === 'int32') return run(kernel, { x });
  return converted(kernel, op, x, 'int32');
}

/** Runs a kernel that computes in float32. */
export function float(kernel: string, op: string, x: Tensor, attrs?: Attributes): Tensor {
  checkTensor(x, op);
  if (x.dtype === 'float32') return run(kernel, { x }, attrs);
  return converted(kernel, op, x, 'float32', attrs);
}

function converted(
  kernel: string,
  op: string,
  x: Tensor,
  dtype: 'int32' | 'float32',
  attrs?: Attributes,
): Tensor {
  checkNumeric(x, op);
  const cast = run('Cast', { x }, { dtype });
  try {
    return run(kernel, { x: cast }, attrs);
  } finally {
    cast.dispose();
  }
}
