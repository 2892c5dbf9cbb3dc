/**
 * Comparisons and logic, element by element, with bool results.
 *
 * No gradient flows through a comparison: `where(greater(x, 0), x, y)` has the gradient of its
 * branches. Shapes broadcast. Errors: ShapeError.
 */
import { describe, isTensor } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { noGrad } from '../autodiff/tape.js';
import { tidy } from '../memory.js';
import { broadcastShapes, checkNumeric, checkTensor } from './arguments.js';
import { asTensor, commonDType, type Operand } from './operand.js';
import { runStopped } from './recording.js';

/** a = b. NaN equals nothing. */
export function equal(a: Operand, b: Operand): Tensor {
  return comparison('Equal', 'equal', a, b);
}

/** a ≠ b */
export function notEqual(a: Operand, b: Operand): Tensor {
  return comparison('NotEqual', 'notEqual', a, b);
}

/** a > b */
export function greater(a: Operand, b: Operand): Tensor {
  return comparison('Greater', 'greater', a, b);
}

/** a ≥ b */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return comparison('GreaterEqual', 'greaterEqual', a, b);
}

/** a < b */
export function less(a: Operand, b: Operand): Tensor {
  return comparison('Less', 'less', a, b);
}

/** a ≤ b */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return comparison('LessEqual', 'lessEqual', a, b);
}

/** a and b, of bool tensors. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return logical('LogicalAnd', 'logicalAnd', a, b);
}

/** a or b, of bool tensors. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return logical('LogicalOr', 'logicalOr', a, b);
}

/** Either a or b and not both, of bool tensors. */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  checkBool(a, 'logicalXor', 'a');
  checkBool(b, 'logicalXor', 'b');
  return notEqual(a, b);
}

/** not x, of a bool tensor. */
export function logicalNot(x: Tensor): Tensor {
  checkBool(x, 'logicalNot', 'x');
  return runStopped('LogicalNot', { x });
}

/** Whether x is not a number. */
export function isNaN(x: Tensor): Tensor {
  return test('IsNan', 'isNaN', x);
}

/** Whether x is neither infinite nor NaN. */
export function isFinite(x: Tensor): Tensor {
  return test('IsFinite', 'isFinite', x);
}

/** Whether x is ∞ or −∞. */
export function isInf(x: Tensor): Tensor {
  return test('IsInf', 'isInf', x);
}

function comparison(kernel: string, op: string, a: Operand, b: Operand): Tensor {
  const dtype = commonDType(a, b, op);
  if (dtype === 'complex64') {
    throw new ShapeError(
      `${op}() takes real numbers or text. Received: ${describe(a)} and ${describe(b)}.`,
    );
  }
  if (isTensor(a) && isTensor(b)) {
    broadcastShapes(a.shape, b.shape, op);
    if (a.dtype === b.dtype && dtype !== 'bool') return runStopped(kernel, { a, b });
  }
  const made: Tensor[] = [];
  return noGrad(() => {
    try {
      // The kernels compare numbers and text; bool goes as int32.
      const as = dtype === 'bool' ? 'int32' : dtype;
      return runStopped(kernel, { a: asTensor(a, as, made), b: asTensor(b, as, made) });
    } finally {
      for (const t of made) t.dispose();
    }
  });
}

function logical(kernel: string, op: string, a: Tensor, b: Tensor): Tensor {
  checkBool(a, op, 'a');
  checkBool(b, op, 'b');
  broadcastShapes(a.shape, b.shape, op);
  return runStopped(kernel, { a, b });
}

function checkBool(x: Tensor, op: string, name: string): void {
  checkTensor(x, op, name);
  if (x.dtype === 'bool') return;
  throw new ShapeError(
    `${op}() takes bool tensors. Received: ${name} is ${describe(x)}. Compare it, for example notEqual(x, 0).`,
  );
}

function test(kernel: string, op: string, x: Tensor): Tensor {
  checkTensor(x, op);
  checkNumeric(x, op);
  if (x.dtype === 'float32') return runStopped(kernel, { x });
  return noGrad(() => tidy(() => runStopped(kernel, { x: asTensor(x, 'float32', []) })));
}
