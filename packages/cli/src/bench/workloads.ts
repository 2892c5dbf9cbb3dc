/** What `strata bench` times: each workload's arithmetic and traffic, counted by hand. */

export type Unit = 'step' | 'product';

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** Floating-point operations of one unit (a multiply-add counts two). */
  readonly flops: number;
  /** Bytes that one unit must at least move: inputs read and outputs written once. */
  readonly bytes: number;
  /** The most that our time may be, as a multiple of PyTorch's. */
  readonly bar: number;
}

const MLP = [784, 512, 512, 10];
const mlpWeights = sum(MLP.slice(1).map((out, i) => out * MLP[i]! + out));
const mlpProducts = sum(MLP.slice(1).map((out, i) => out * MLP[i]!));

// Multiply-adds of one 32x32 image forward: two 5x5 convolutions and three dense layers.
const lenetProducts = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10;
const LENET_WEIGHTS = 61_706;

/** Forward, then gradients of inputs and of weights: three passes of the same size, but no input gradient in the first layer. */
const trainingFlops = (batch: number, products: number, firstLayer: number): number =>
  2 * batch * (3 * products - firstLayer);
/** Adam reads parameter, gradient and two moments and writes three of them; the passes read the weights twice more. */
const adamBytes = (weights: number): number => 4 * weights * 9;

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'matmul-1024',
    title: 'matmul 1024³',
    unit: 'product',
    flops: 2 * 1024 ** 3,
    bytes: 3 * 4 * 1024 ** 2,
    bar: 1 / 0.9,
  },
  {
    name: 'lenet5-step',
    title: 'LeNet-5 Adam step, batch 64',
    unit: 'step',
    flops: trainingFlops(64, lenetProducts, 28 * 28 * 6 * 25),
    bytes: adamBytes(LENET_WEIGHTS),
    bar: 1,
  },
  {
    name: 'mlp-step',
    title: 'MLP 784-512-512-10 Adam step, batch 128',
    unit: 'step',
    flops: trainingFlops(128, mlpProducts, MLP[0]! * MLP[1]!),
    bytes: adamBytes(mlpWeights),
    bar: 1,
  },
];

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
