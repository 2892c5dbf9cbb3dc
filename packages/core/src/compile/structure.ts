/** Arguments and results: tensors in arrays and plain records. */
import { describe, isTensor } from '../engine.js';
import { CompileError } from '../errors.js';
import { Scalar } from '../state/scalar.js';
import type { DType, Shape, Tensor } from '../tensor.js';

/** What a call's arguments are, but for the values of their tensors. */
export interface Signature {
  readonly key: string;
  /** Every tensor, in order; one that stands in two places comes twice. */
  readonly tensors: readonly Tensor[];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Objects that are no tensors, arrays or records belong to a program by identity. */
const identities: WeakMap<object, number> = new WeakMap();
let lastIdentity = 0;

function identityOf(value: object): number {
  let id = identities.get(value);
  if (id === undefined) identities.set(value, (id = ++lastIdentity));
  return id;
}

/** Tensors by shape and dtype; numbers, texts and booleans by value; Scalars and other objects by identity. */
export function signatureOf(args: readonly unknown[]): Signature {
  const tensors: Tensor[] = [];
  const visit = (value: unknown): string => {
    if (isTensor(value)) {
      const twin = tensors.indexOf(value);
      tensors.push(value);
      return `${value.dtype}[${value.shape.join(',')}]${twin < 0 ? '' : `=${twin}`}`;
    }
    if (Array.isArray(value)) return `(${value.map(visit).join(';')})`;
    if (isRecord(value)) {
      return `{${Object.entries(value)
        .map(([name, v]) => `${JSON.stringify(name)}:${visit(v)}`)
        .join(';')}}`;
    }
    if (typeof value === 'object' && value !== null) return `#${identityOf(value)}`;
    if (typeof value === 'function') return `#${identityOf(value)}`;
    return typeof value === 'string'
      ? JSON.stringify(value)
      : Object.is(value, -0)
        ? '-0'
        : String(value);
  };
  return { key: args.map(visit).join(', '), tensors };
}

/** The signature of arguments that are tensors and nothing else: compared faster than a text is made. */
export type TensorSignature = readonly {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The first argument that is the same tensor: itself, or one before it. */
  readonly first: number;
}[];

/** Null where an argument is no tensor. */
export function tensorSignatureOf(args: readonly unknown[]): TensorSignature | null {
  if (!args.every(isTensor)) return null;
  return args.map((t) => ({ shape: [...t.shape], dtype: t.dtype, first: args.indexOf(t) }));
}

/** Whether these arguments have the signature: then all are tensors. */
export function isOfSignature(
  signature: TensorSignature,
  args: readonly unknown[],
): args is readonly Tensor[] {
  if (args.length !== signature.length) return false;
  for (let i = 0; i < args.length; i++) {
    const t = args[i];
    const { shape, dtype, first } = signature[i]!;
    if (!isTensor(t) || t.dtype !== dtype || t.shape.length !== shape.length) return false;
    for (let d = 0; d < shape.length; d++) if (t.shape[d] !== shape[d]) return false;
    if (args.indexOf(t) !== first) return false;
  }
  return true;
}

/** The tensors of a result, in order. @throws CompileError for what is neither tensor, array, record, null nor undefined. */
export function tensorsOfResult(result: unknown): Tensor[] {
  const tensors: Tensor[] = [];
  const visit = (value: unknown): void => {
    if (value === undefined || value === null) return;
    if (isTensor(value)) tensors.push(value);
    else if (Array.isArray(value)) for (const v of value) visit(v);
    else if (isRecord(value)) for (const v of Object.values(value)) visit(v);
    else {
      throw new CompileError(
        `A compiled function returns tensors, and arrays and records of them. Received: ${describe(value)}` +
          `${value instanceof Scalar ? ', a Scalar' : ''}, which would be the same in every run. Return a tensor.`,
      );
    }
  };
  visit(result);
  return tensors;
}

/** Where in a result its tensors stand, in order: 'result', 'result.loss', 'result[0]'. */
export function pathsOfResult(result: unknown): string[] {
  const paths: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (isTensor(value)) paths.push(path);
    else if (Array.isArray(value)) value.forEach((v, i) => visit(v, `${path}[${i}]`));
    else if (isRecord(value))
      for (const [name, v] of Object.entries(value)) visit(v, `${path}.${name}`);
  };
  visit(result, 'result');
  return paths;
}

/** A result of the structure of `result` with other tensors. */
export function withTensors(result: unknown, tensors: readonly Tensor[]): unknown {
  let next = 0;
  const visit = (value: unknown): unknown => {
    if (isTensor(value)) return tensors[next++];
    if (Array.isArray(value)) return value.map(visit);
    if (isRecord(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, visit(v)]));
    }
    return value;
  };
  return visit(result);
}
