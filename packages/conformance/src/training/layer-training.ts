import {
  addN,
  constant,
  mul,
  type ModuleLike,
  type NamedGradients,
  type Parameter,
  Rng,
  sgdUpdate,
  State,
  sum,
  type Tensor,
  tidy,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { assertThat } from '../compare.js';
import { tensorsOf } from '../checks/model-under-test.js';
import { drawInputs, type Training, type TrainingInput } from './training.js';

/**
 * A layer, or any module, that is trained by SGD with momentum towards Σ c·y over all its outputs, c fixed. A step gives its
 * outputs, and the gradients of its inputs and parameters. Of six steps the third is evaluation, and in the fourth the first parameter is
 * frozen.
 *
 * @param create makes it; equal for equal generators.
 * @param inputs of forward(); gradients are taken of those in float32.
 * @param call how its forward() is called, where that takes something else than tensors. Default: `layer.forward(...inputs)`.
 */
export function layerTraining<M extends ModuleLike>(
  create: (rng: Rng) => M,
  inputs: readonly TrainingInput[],
  call: (layer: M, ...inputs: Tensor[]) => unknown = (layer, ...xs) =>
    layer.forward(...(xs as never[])),
): Training {
  return () => {
    const rng = new Rng(5);
    const layer = tidy(() => create(rng));
    const parameters = [...layer.namedParameters()];
    const velocities = tidy(
      () => new Map(parameters.map(([name, p]) => [name, new State(zeros(p.shape))])),
    );
    const isFloat = inputs.map(({ dtype = 'float32' }) => dtype === 'float32');
    const lossOf = (xs: readonly Tensor[]): Tensor => weighted(tensorsOf(call(layer, ...xs)));

    const step = (...xs: Tensor[]): unknown => {
      const outputs = call(layer, ...xs);
      const floats = xs.filter((_, i) => isFloat[i]);
      const ofInputs = valueAndGrad((...ys: Tensor[]) => {
        const rest = ys.slice();
        return lossOf(xs.map((x, i) => (isFloat[i] ? rest.shift()! : x)));
      })(...floats);
      const trained = parameters.filter(([, p]) => p.trainable);
      if (trained.length === 0) return { outputs, ofInputs };
      const ofParameters = valueAndGrad(() => lossOf(xs), layer)();
      move(trained, ofParameters.grads, velocities);
      return { outputs, ofInputs, ofParameters };
    };
    return {
      step,
      args: (n) => drawInputs(inputs, 11 + n),
      before(n) {
        if (n === 2) layer.eval();
        if (n === 3) layer.train();
        const [first] = parameters;
        if (first) first[1].trainable = n !== 3;
      },
      states: new Map([...layer.namedStates(), ...prefixed('velocity', velocities)]),
      rngs: [rng],
      programs: parameters.length > 0 ? 3 : 2,
      steps: 6,
      dispose() {
        for (const [, state] of layer.namedStates()) state.dispose();
        for (const state of velocities.values()) state.dispose();
      },
    };
  };
}

/** Σ c·y over all outputs in float32, c fixed and different for each element. */
function weighted(outputs: readonly Tensor[]): Tensor {
  const floats = outputs.filter(({ dtype }) => dtype === 'float32');
  assertThat(floats.length > 0, 'A layer that is trained gives float32. Received: none.');
  const terms = floats.map((y) => {
    const c = Float32Array.from({ length: y.size }, (_, i) => Math.cos(3 * i + 1));
    return sum(mul(y, constant(c, y.shape)));
  });
  return addN(terms);
}

function move(
  trained: readonly (readonly [string, Parameter])[],
  grads: NamedGradients,
  velocities: ReadonlyMap<string, State>,
): void {
  sgdUpdate({
    parameters: trained.map(([, p]) => p),
    gradients: trained.map(([name]) => grads[name]!),
    velocities: trained.map(([name]) => velocities.get(name)!),
    learningRate: 0.02,
    momentum: 0.9,
  });
}

export function prefixed(
  prefix: string,
  states: Iterable<readonly [string, State]>,
): (readonly [string, State])[] {
  return [...states].map(([name, state]) => [`${prefix}/${name}`, state] as const);
}
