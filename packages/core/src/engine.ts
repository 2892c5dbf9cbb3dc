/**
 * The one place where core meets tfjs-core: its process-wide engine, and the crossing between
 * Strata's `Tensor` and tfjs's. Everything above speaks in Strata's types.
 */
import { engine as tfEngine, Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { recording } from './compile/recording.js';
import { BackendError, ShapeError } from './errors.js';
import { runKernel } from './run-kernel.js';
import type { DType, Shape, Tensor } from './tensor.js';

/** Values that may stand in a kernel's attributes. */
export type Attributes = Readonly<Record<string, unknown>>;
export type Inputs = Readonly<Record<string, Tensor | undefined>>;

export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
  /** For each input by name, what computes its cotangent from those of the outputs. Absent where there is no gradient. */
  readonly gradient?: (dys: (Tensor | null)[]) => Readonly<Record<string, () => Tensor>>;
}

/** What was made since a `startScope()`, and in which order. */
export interface Scope {
  readonly id: number;
  readonly track: Tensor[];
}

/** The part of tfjs's engine that core uses, typed with Strata's tensors. */
export interface Engine {
  readonly state: {
    activeTape: TapeNode[] | null;
    gradientDepth: number;
    kernelDepth: number;
    numTensors: number;
    numBytes: number;
    activeScope: Scope | null;
    readonly scopeStack: Scope[];
    readonly profiling: boolean;
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
  track(t: Tensor): Tensor;
  addTapeNode(
    name: string,
    inputs: Inputs,
    outputs: readonly Tensor[],
    gradient: ((dy: Tensor) => Readonly<Record<string, () => Tensor>>) | null,
    saved: readonly Tensor[],
    attrs: Attributes | undefined,
  ): void;
  customGrad(
    fn: (...args: never[]) => {
      value: Tensor;
      gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
    },
  ): (...args: Tensor[]) => Tensor;
  disposeVariables(): void;
}

let current: Engine | undefined;

export function engine(): Engine {
  // One for the life of the process: tfjs keeps it in the global scope.
  return (current ??= tfEngine() as unknown as Engine);
}

/** Runs one kernel of the active engine that has a single output. */
export function run(name: string, inputs: Inputs, attrs?: Attributes): Tensor {
  return runKernel(engine(), name, inputs, attrs) as Tensor;
}

/** Runs one kernel of the active engine that has several outputs. */
export function runMany(name: string, inputs: Inputs, attrs?: Attributes): Tensor[] {
  return runKernel(engine(), name, inputs, attrs) as Tensor[];
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
  const y = e.makeTensorFromTensorInfo({ dataId, shape: t.shape, dtype: t.dtype });
  recording()?.alias(t, y);
  return y;
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
