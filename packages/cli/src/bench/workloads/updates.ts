/** Updates of the 25.6 M parameters of a ResNet-50, in its 161 tensors, from given gradients. */
import { type NamedGradients, Parameter, Rng, zeros } from '@stratajs/core';
import { Adam, type Optimizer, type Parameters, SGD } from '@stratajs/optimizers';
import { product, type Run, total, type Workload } from './workload.js';

/** Shapes of all parameters; peers/workloads/updates.py makes the same list. */
function resnet50Shapes(): number[][] {
  const shapes: number[][] = [[7, 7, 3, 64], [64], [64]];
  let channels = 64;
  for (const [width, blocks] of [
    [64, 3],
    [128, 4],
    [256, 6],
    [512, 3],
  ] as const) {
    for (let block = 0; block < blocks; block++) {
      const out = 4 * width;
      shapes.push([1, 1, channels, width], [width], [width]);
      shapes.push([3, 3, width, width], [width], [width]);
      shapes.push([1, 1, width, out], [out], [out]);
      if (block === 0) shapes.push([1, 1, channels, out], [out], [out]);
      channels = out;
    }
  }
  return [...shapes, [1000, 2048], [1000]];
}

const SHAPES = resnet50Shapes();
const COUNT = total(SHAPES.map(product));

function workload(
  name: string,
  title: string,
  each: { readonly flops: number; readonly floats: number; readonly bar: number },
  make: (parameters: Parameters) => Optimizer,
): Workload {
  return {
    name,
    title: `${title}, 25.6 M parameters in 161 tensors`,
    flops: each.flops * COUNT,
    bytes: 4 * each.floats * COUNT,
    bar: each.bar,
    prepare(): Run {
      const rng = new Rng(1);
      const parameters = SHAPES.map((shape) => new Parameter(zeros(shape)));
      const optimizer = make(parameters.map((p, i) => [String(i), p] as const));
      const gradients: NamedGradients = Object.fromEntries(
        SHAPES.map((shape, i) => [String(i), rng.normal(shape)]),
      );
      return async (times) => {
        for (let i = 0; i < times; i++) optimizer.step(gradients);
        return (await parameters[1]!.value.data())[0] as number;
      };
    },
  };
}

const learningRate = 1e-5;

export const updates: readonly Workload[] = [
  workload(
    'update-sgd',
    'SGD update',
    { flops: 2, floats: 3, bar: 1.05 },
    (p) => new SGD(p, { learningRate }),
  ),
  workload(
    'update-momentum',
    'SGD update with momentum',
    { flops: 4, floats: 5, bar: 0.75 },
    (p) => new SGD(p, { learningRate, momentum: 0.9 }),
  ),
  workload(
    'update-adam',
    'Adam update',
    { flops: 11, floats: 7, bar: 0.5 },
    (p) => new Adam(p, { learningRate }),
  ),
];
