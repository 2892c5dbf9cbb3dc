/** Updates of optimizers: every parameter in one native call, in place where the inputs are donated. */
import { type Scalar, scalarValue } from '@stratajs/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeArgument } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import { type KernelSet, type MakeKernel, type Runtime, share } from './kernel.js';

type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

interface SgdAttributes {
  readonly count: number;
  readonly learningRate: number | Scalar;
  readonly momentum: number | Scalar;
  readonly nesterov: boolean;
  readonly weightDecay: number | Scalar;
}

interface AdamAttributes {
  readonly count: number;
  readonly learningRate: number | Scalar;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number | Scalar;
  readonly decoupled: boolean;
}

/** An attribute that may be a Scalar. */
function numberOf({ late }: Runtime, value: number | Scalar): NativeArgument {
  return typeof value === 'number' ? value : late(() => scalarValue(value));
}

/** The inputs called `name0` … in order. */
function listed(inputs: Inputs, name: string, count: number): TensorInfo[] {
  return Array.from({ length: count }, (_, i) => inputs[`${name}${i}`] as TensorInfo);
}

/** Where the next value of `x` goes: its own memory when nobody else sees it. */
function successor(runtime: Runtime, x: TensorInfo): TensorInfo {
  const { backend } = runtime;
  if (backend.mayOverwrite(x)) return share(runtime, x);
  return backend.allocate(x.shape, x.dtype as 'float32' | 'int32', backend.values(x).length);
}

const sgdUpdate: MakeKernel<Inputs, SgdAttributes> = (runtime) => {
  const { native, backend } = runtime;
  return (inputs, attributes) => {
    const { count, nesterov } = attributes;
    const parameters = listed(inputs, 'p', count);
    const gradients = listed(inputs, 'g', count);
    const velocities = inputs['v0'] ? listed(inputs, 'v', count) : [];
    const states = [...parameters, ...velocities];
    const outputs = states.map((x) => successor(runtime, x));
    const values = (x: TensorInfo | undefined): NumericArray | null =>
      x === undefined ? null : backend.values(x);
    const list: NativeArgument[] = [
      numberOf(runtime, attributes.learningRate),
      numberOf(runtime, attributes.momentum),
      nesterov ? 1 : 0,
      numberOf(runtime, attributes.weightDecay),
      values(inputs['gate']),
    ];
    for (let i = 0; i < count; i++) {
      list.push(values(parameters[i]), values(gradients[i]), values(velocities[i]));
      list.push(values(outputs[i]), values(velocities[i] && outputs[count + i]));
    }
    native.sgdUpdate(...list);
    return outputs;
  };
};

const adamUpdate: MakeKernel<Inputs, AdamAttributes> = (runtime) => {
  const { native, backend } = runtime;
  return (inputs, attributes) => {
    const { count, beta1, beta2, epsilon, decoupled } = attributes;
    const parameters = listed(inputs, 'p', count);
    const gradients = listed(inputs, 'g', count);
    const means = listed(inputs, 'm', count);
    const squares = listed(inputs, 'v', count);
    const step = inputs['step'] as TensorInfo;
    const states = [...parameters, ...means, ...squares];
    const next = successor(runtime, step);
    const outputs = states.map((x) => successor(runtime, x));
    const gate = inputs['gate'];
    const list: NativeArgument[] = [
      numberOf(runtime, attributes.learningRate),
      beta1,
      beta2,
      epsilon,
      numberOf(runtime, attributes.weightDecay),
      decoupled ? 1 : 0,
      gate ? backend.values(gate) : null,
      backend.values(step),
      backend.values(next),
    ];
    for (let i = 0; i < count; i++) {
      for (const group of [parameters, gradients, means, squares]) {
        list.push(backend.values(group[i] as TensorInfo));
      }
      for (let j = 0; j < 3; j++) list.push(backend.values(outputs[j * count + i] as TensorInfo));
    }
    native.adamUpdate(...list);
    return [...outputs, next];
  };
};

interface AverageAttributes {
  readonly count: number;
  readonly weight: number | Scalar;
  readonly scales: readonly number[];
}

const averageUpdate: MakeKernel<Inputs, AverageAttributes> = (runtime) => {
  const { native, backend } = runtime;
  return (inputs, { count, weight, scales }) => {
    const averages = listed(inputs, 'a', count);
    const values = listed(inputs, 'x', count);
    const outputs = averages.map((average) => successor(runtime, average));
    const list: NativeArgument[] = [numberOf(runtime, weight), Float32Array.from(scales)];
    for (let i = 0; i < count; i++) {
      for (const x of [averages[i], values[i], outputs[i]])
        list.push(backend.values(x as TensorInfo));
    }
    native.averageUpdate(...list);
    return outputs;
  };
};

/** The least k for which xk is not finite, −1 when all are. */
const firstNonFinite: MakeKernel<Inputs, { readonly count: number }> =
  ({ native, backend }) =>
  (inputs, { count }) => {
    const y = backend.allocate([], 'int32', 1);
    const values = listed(inputs, 'x', count).map((x) => backend.values(x));
    native.firstNonFinite(backend.values(y), ...values);
    return y;
  };

export const updateKernels: KernelSet = {
  StrataSgdUpdate: sgdUpdate,
  StrataAdamUpdate: adamUpdate,
  StrataAverageUpdate: averageUpdate,
  StrataFirstNonFinite: firstNonFinite,
};
