/** Whole training steps: forward, backward, update. */
import { createModel, Rng, type Shape, type Tensor, tensor, valueAndGrad } from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam, type Optimizer, SGD } from '@stratajs/optimizers';
import { ResNet18 } from './resnet18.js';
import { inModes, type Step, total, type Workload } from './workload.js';

const MLP = [784, 512, 512, 10];
const mlpWeights = total(MLP.slice(1).map((out, i) => out * MLP[i]! + out));
const mlpProducts = total(MLP.slice(1).map((out, i) => out * MLP[i]!));

// Multiply-adds of one 32x32 image forward: two 5x5 convolutions and three dense layers.
const lenetProducts = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10;
const LENET_WEIGHTS = 61_706;

// A 3x3 convolution, three stages of six, the last two of which begin by halving the image, a dense layer.
const resnetFirst = 32 * 32 * 16 * 27;
const resnetProducts =
  resnetFirst +
  6 * 32 * 32 * 16 * 144 +
  16 * 16 * 32 * (144 + 5 * 288) +
  8 * 8 * 64 * (288 + 5 * 576) +
  640;
const RESNET_WEIGHTS = 269_722;
/** Outputs of all convolutions for one image: each is written, normalized and activated. */
const resnetActivations = 7 * 32 * 32 * 16 + 6 * 16 * 16 * 32 + 6 * 8 * 8 * 64;

/** Forward, then gradients of inputs and of weights: three passes of the same size, but no input gradient in the first layer. */
const flopsOf = (batch: number, products: number, firstLayer: number): number =>
  2 * batch * (3 * products - firstLayer);
/** Adam reads parameter, gradient and two moments and writes three of them; the passes read the weights twice more. */
const adamBytes = (weights: number): number => 4 * weights * 9;

type Classifier = Module & { forward(x: Tensor): Tensor };

/** A step of a model that `make` builds, on one batch. */
function stepOf(
  makeModel: (rng: Rng) => Classifier,
  shape: Shape,
  makeOptimizer: (model: Module) => Optimizer,
): Step {
  const rng = new Rng(1);
  const model = makeModel(rng);
  const optimizer = makeOptimizer(model);
  const x = rng.uniform(shape);
  const y = tensor(Int32Array.from({ length: shape[0]! }, () => rng.nextInt(10)));
  const gradients = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model);
  return () => {
    const { value, grads } = gradients();
    optimizer.step(grads);
    return [value];
  };
}

const named =
  (id: string) =>
  (rng: Rng): Classifier =>
    createModel(id, {}, { rng }) as Classifier;
const adam = (model: Module): Optimizer => new Adam(model, { learningRate: 1e-3 });
const sgd = (model: Module): Optimizer => new SGD(model, { learningRate: 0.01, momentum: 0.9 });

/** SGD with momentum, on four images of 224x224. */
export const resnet18Step = (): Step => stepOf((rng) => new ResNet18(rng), [4, 224, 224, 3], sgd);

export const training: readonly Workload[] = [
  ...inModes(
    {
      name: 'lenet5-step',
      title: 'LeNet-5 Adam step, batch 64',
      flops: flopsOf(64, lenetProducts, 28 * 28 * 6 * 25),
      bytes: adamBytes(LENET_WEIGHTS),
      bar: 1,
      tfjs: true,
      step: () => stepOf(named('lenet5'), [64, 28, 28, 1], adam),
    },
    { bar: 0.5 },
  ),
  ...inModes(
    {
      name: 'mlp-step',
      title: 'MLP 784-512-512-10 Adam step, batch 128',
      flops: flopsOf(128, mlpProducts, MLP[0]! * MLP[1]!),
      bytes: adamBytes(mlpWeights),
      bar: 1,
      tfjs: true,
      step: () => stepOf(named('mlp'), [128, 784], adam),
    },
    { bar: 0.6 },
  ),
  ...inModes(
    {
      name: 'resnet20-step',
      title: 'ResNet-20 SGD step, batch 32',
      flops: flopsOf(32, resnetProducts, resnetFirst),
      // Per activation and pass: read and written by convolution and by normalization; weights as SGD with momentum.
      bytes: 4 * (32 * resnetActivations * 3 * 4 + RESNET_WEIGHTS * 7),
      bar: 0.8,
      layouts: true,
      scales: true,
      step: () => stepOf(named('resnet20'), [32, 32, 32, 3], sgd),
    },
    { bar: 0.6 },
  ),
  ...inModes(
    {
      name: 'resnet18-step',
      title: 'ResNet-18 SGD step, batch 4 of 224x224',
      flops: flopsOf(4, ResNet18.products, ResNet18.firstProducts),
      bytes: 4 * (4 * ResNet18.activations * 3 * 4 + ResNet18.weights * 7),
      layouts: true,
      step: resnet18Step,
    },
    { bar: 0.8 },
  ),
];
