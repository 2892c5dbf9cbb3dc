/**
 * Runs kernels as tfjs's engine does, with half the steps: each kernel is looked up once, under a key that is
 * made once, and what a gradient needs is saved without running a kernel for it. On one element this is
 * most of the time that an operation takes.
 */
import { getGradient, type GradConfig, getKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { type Recording, recording } from './compile/recording.js';
import type { Attributes, Engine, Inputs } from './engine.js';
import { kernelError } from './kernel-error.js';
import type { Tensor } from './tensor.js';

interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: Tensor['dtype'];
}

type Output = TensorInfo | Tensor;

/** tfjs's own table of kernels, by 'engine_kernel'. Where it cannot be had, its getKernel() is asked. */
const registry: ReadonlyMap<string, KernelConfig> | undefined = (
  globalThis as { _tfGlobals?: ReadonlyMap<string, ReadonlyMap<string, KernelConfig>> }
)._tfGlobals?.get('kernelRegistry');

let keysOf: string | null = null;
const keys: Map<string, string> = new Map();

/** The active engine's kernel `name`. */
function kernelOf(e: Engine, name: string): KernelConfig | undefined {
  const { backendName } = e;
  if (backendName === null || backendName === undefined) return undefined;
  if (registry === undefined) return getKernel(name, backendName);
  if (backendName !== keysOf) {
    keys.clear();
    keysOf = backendName;
  }
  let key = keys.get(name);
  if (key === undefined) {
    key = `${backendName}_${name}`;
    keys.set(name, key);
  }
  return registry.get(key);
}

export function runKernel(
  e: Engine,
  name: string,
  inputs: Inputs,
  attrs: Attributes | undefined,
): Tensor | Tensor[] {
  const { state } = e;
  const kernel = kernelOf(e, name);
  // tfjs says what is wrong, or counts what its profiler wants to know.
  if (kernel === undefined || state.profiling) return tfjsRunKernel(e, name, inputs, attrs);
  const recorder = recording();
  const taping = state.gradientDepth > 0 && state.kernelDepth === 0;
  let single: Tensor | undefined;
  let outputs: Tensor[];
  let saved: Tensor[] = [];
  let differentiable: number | undefined;
  state.kernelDepth++;
  try {
    const made = recorder
      ? whileRecording(recorder, e, kernel, inputs, attrs)
      : callKernel(e, kernel, inputs, attrs);
    if (Array.isArray(made)) outputs = made.map((output) => asTensor(e, output));
    else outputs = [(single = asTensor(e, made))];
    recorder?.kernel(name, inputs, attrs, outputs);
    if (taping) {
      const gradient = getGradient(name);
      if (gradient !== undefined) {
        saved = save(e, gradient, inputs, outputs);
        ({ differentiable } = gradient as { differentiable?: number });
      }
    }
  } catch (thrown) {
    throw kernelError(thrown, name, inputs, attrs);
  } finally {
    state.kernelDepth--;
  }
  if (taping) {
    // Of what stands on the tape and has no cotangent, zeros are made.
    const on = differentiable === undefined ? outputs : outputs.slice(0, differentiable);
    e.addTapeNode(name, inputs, on, null, saved, attrs);
  }
  return single ?? outputs;
}

/** The method of tfjs's engine; a recording has put another on the instance. */
function tfjsRunKernel(
  e: Engine,
  name: string,
  inputs: Inputs,
  attrs: Attributes | undefined,
): Tensor | Tensor[] {
  const { runKernel: run } = Object.getPrototypeOf(e) as Pick<Engine, 'runKernel'>;
  return run.call(e, name, inputs, attrs);
}

function callKernel(
  e: Engine,
  { kernelFunc }: KernelConfig,
  inputs: Inputs,
  attrs: Attributes | undefined,
): Output | Output[] {
  const call = { inputs, attrs, backend: e.backend } as unknown as Parameters<typeof kernelFunc>[0];
  return kernelFunc(call) as unknown as Output | Output[];
}

/** What a kernel does within itself is not the program's. */
function whileRecording(
  recorder: Recording,
  ...call: Parameters<typeof callKernel>
): Output | Output[] {
  recorder.depth++;
  try {
    return callKernel(...call);
  } finally {
    recorder.depth--;
  }
}

function asTensor(e: Engine, output: Output): Tensor {
  // Kernels give infos, composites tensors: infos have no rank.
  return 'rank' in output ? output : e.makeTensorFromTensorInfo(output);
}

/** What the gradient of a kernel will ask for: inputs, then outputs. */
function save(e: Engine, gradient: GradConfig, inputs: Inputs, outputs: Tensor[]): Tensor[] {
  const saved: Tensor[] = [];
  if (gradient.saveAllInputs) {
    for (const key in inputs) saved.push(keptShare(e, inputs[key]!));
  } else {
    for (const key of gradient.inputsToSave ?? []) saved.push(keptShare(e, inputs[key]!));
  }
  gradient.outputsToSave?.forEach((wanted, i) => {
    if (wanted) saved.push(keptShare(e, outputs[i]!));
  });
  return saved;
}

/**
 * A tensor of the same storage that outlives every scope, until the tape is freed. It stands on the tape:
 * a second gradient flows through what the first one was computed from.
 */
function keptShare(e: Engine, x: Tensor): Tensor {
  const { dataId } = x as unknown as TensorInfo;
  let y: Tensor;
  // complex and string tensors count references in their parts; the Identity kernel knows how.
  if (x.dtype === 'complex64' || x.dtype === 'string') {
    y = e.runKernel('Identity', { x }) as Tensor;
  } else {
    e.backend.incRef(dataId);
    y = e.makeTensorFromTensorInfo({ dataId, shape: x.shape, dtype: x.dtype });
  }
  e.keep(y);
  recording()?.alias(x, y);
  const gradient = (dy: Tensor): { x: () => Tensor } => ({
    x: () => runKernel(e, 'Identity', { x: dy }, undefined) as Tensor,
  });
  e.addTapeNode('StrataSaved', { x }, [y], gradient, [], undefined);
  return y;
}
