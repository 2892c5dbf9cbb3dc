/**
 * The one place where core meets tfjs-core: its process-wide engine, and the crossing between
 * Strata's `Tensor` and tfjs's. Everything above speaks in Strata's types.
 */
import { engine as tfEngine, Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { BackendError, ShapeError } from './errors.js';
import type { DType, Shape, Tensor } from './tensor.js';

/** Values that may stand in a kernel's attributes. */
export type Attributes = Readonly<Record<string, unknown>>;
export type Inputs = Readonly<Record<string, Tensor | undefined>>;

interface TapeNode {
  readonly saved: readonly Tensor[];
}

/** The part of tfjs's engine that core uses, typed with Strata's tensors. */
export interface Engine {
  readonly state: {
    activeTape: TapeNode[] | null;
    gradientDepth: number;
    kernelDepth: number;
    numTensors: number;
    numBytes: number;
    activeScope: { id: number; track: Tensor[] } | null;
  };
  readonly backend: {
    refCount(dataId: object): number;
    incRef(dataId: object): void;
    epsilon(): number;
  };
  backendName: string | null;
  registry: Readonly<Record<string, unknown>>;
  runKernel(name: string, inputs: Inputs, attrs?: Attributes): Tensor | Tensor[];
  makeTensor(values: ArrayLike<unknown>, shape: Shape, dtype: DType): Tensor;
  makeTensorFromTensorInfo(info: { dataId: object; shape: Shape; dtype: DType }): Tensor;
  keep(t: Tensor): Tensor;
  startScope(name?: string): void;
  endScope(result?: unknown): void;
  tidy<T>(fn: () => T): T;
  gradients(
    fn: () => Tensor,
    xs: readonly Tensor[],
    dy: Tensor | undefined,
    allowNoGradients: boolean,
  ): { value: Tensor; grads: (Tensor | undefined)[] };
  customGrad(
    fn: (...args: never[]) => {
      value: Tensor;
      gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
    },
  ): (...args: Tensor[]) => Tensor;
  disposeVariables(): void;
}

export function engine(): Engine {
  return tfEngine() as unknown as Engine;
}

/** Runs one kernel of the active engine that has a single output. */
export function run(name: string, inputs: Inputs, attrs?: Attributes): Tensor {
  return engine().runKernel(name, inputs, attrs) as Tensor;
}

/** Runs one kernel of the active engine that has several outputs. */
export function runMany(name: string, inputs: Inputs, attrs?: Attributes): Tensor[] {
  return engine().runKernel(name, inputs, attrs) as Tensor[];
}

export function isTensor(value: unknown): value is Tensor {
  return value instanceof TfTensor;
}

/** Throws unless `t` is a live tensor of an engine; `what` names the argument in the message. */
export function assertTensor(t: unknown, what: string): asserts t is Tensor {
  if (!isTensor(t)) {
    throw new ShapeError(
      `${what} must be a tensor. Received: ${describe(t)}. Make one with tensor(values).`,
    );
  }
  if (t.isDisposed) {
    throw new BackendError(
      `${what} has been disposed. Received: a tensor of shape [${t.shape.join(', ')}] whose memory is freed. ` +
        'Keep it alive with keep(), return it from its tidy(), or dispose it later.',
    );
  }
}

/** One storage under two tensors: nothing is copied, and each may be disposed on its own. */
export function share(t: Tensor): Tensor {
  const e = engine();
  const { dataId } = t as unknown as { dataId: object };
  // complex and string tensors count references in their parts; the Identity kernel knows how.
  if (t.dtype === 'complex64' || t.dtype === 'string') return run('Identity', { x: t });
  e.backend.incRef(dataId);
  return e.makeTensorFromTensorInfo({ dataId, shape: t.shape, dtype: t.dtype });
}

/** How a wrong value is shown in an error message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isTensor(value)) return `a ${value.dtype} tensor of shape [${value.shape.join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `a function${value.name ? ` (${value.name})` : ''}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return `an object of ${value.constructor?.name ?? 'no class'}`;
  return `${typeof value} ${String(value)}`;
}
