/** Where the arguments of native kernels stand that work element by element, or row by row. */
import type { NativeFunctionName } from '../native.js';
import type { NativeCall } from './planned-program.js';

export interface ElementwiseForm {
  readonly reads: readonly number[];
  readonly write: number;
  readonly count: number;
  /** The broadcast plan, which may be left out. */
  readonly plan?: number;
  /** The elements of a row; `count` is then the number of rows. What follows an element of a row, if that is told, must be 1. */
  readonly columns?: number;
  readonly inner?: number;
  /** Whether a row has one result. */
  readonly reduces?: true;
  /** The first argument that is read when part of the result has been written. Default: none. */
  readonly late?: number;
}

const UNARY: ElementwiseForm = { reads: [0], write: 1, count: 2 };
const PAIR: ElementwiseForm = { reads: [0, 1], write: 2, count: 3 };
const BINARY: ElementwiseForm = { reads: [0, 1], write: 2, count: 3, plan: 4 };
const SELECT: ElementwiseForm = { reads: [0, 1, 2], write: 3, count: 4, plan: 5 };
const ROW_TO_ELEMENT: ElementwiseForm = {
  reads: [0],
  write: 1,
  count: 2,
  columns: 3,
  inner: 4,
  reduces: true,
};
const ROW_TO_ROW: ElementwiseForm = { reads: [0], write: 1, count: 2, columns: 3, late: 0 };

const named = (
  form: ElementwiseForm,
  names: readonly NativeFunctionName[],
): [NativeFunctionName, ElementwiseForm][] => names.map((name) => [name, form]);

const FORMS: ReadonlyMap<string, ElementwiseForm> = new Map([
  ...named(UNARY, [
    'abs',
    'negate',
    'sign',
    'square',
    'sqrt',
    'rsqrt',
    'reciprocal',
    'floor',
    'ceil',
    'round',
    'exp',
    'expm1',
    'log',
    'log1p',
    'erf',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'asinh',
    'acosh',
    'atanh',
    'tanh',
    'sigmoid',
    'softplus',
    'relu',
    'relu6',
    'elu',
    'selu',
    'leakyRelu',
    'step',
    'clip',
    'absInts',
    'negateInts',
    'signInts',
    'squareInts',
    'stepInts',
    'clipInts',
    'logicalNot',
    'isNaN',
    'isInf',
    'isFinite',
    'cast',
  ]),
  ...named(PAIR, ['eluGradient', 'reluGradient']),
  ...named(BINARY, [
    'add',
    'subtract',
    'multiply',
    'divide',
    'maximum',
    'minimum',
    'squaredDifference',
    'prelu',
    'power',
    'atan2',
    'magnitude',
    'mod',
    'addInts',
    'subtractInts',
    'multiplyInts',
    'divideInts',
    'maximumInts',
    'minimumInts',
    'squaredDifferenceInts',
    'powerInts',
    'modInts',
    'floorDivInts',
    'bitwiseAndInts',
    'equal',
    'notEqual',
    'greater',
    'greaterEqual',
    'less',
    'lessEqual',
    'logicalAnd',
    'logicalOr',
  ]),
  ...named(SELECT, ['select']),
  ...named(ROW_TO_ELEMENT, ['sum', 'mean', 'product', 'max', 'min', 'all', 'any']),
  ...named(ROW_TO_ROW, ['softmax']),
]);

export function formOf({ name, args }: NativeCall): ElementwiseForm | undefined {
  if (name !== 'addN') return FORMS.get(name);
  // The first two are added, then one after the other to the result.
  return { reads: args.slice(2).map((_, i) => i + 2), write: 0, count: 1, late: 4 };
}
