/** The first losses of networks of every kind, from the host's data and one seed: on every engine the same, to rounding. */
import {
  type BackendPlugin,
  compile,
  createModel,
  dispose,
  register,
  reshape,
  Rng,
  slice,
  tensor,
  type Tensor,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { GroupNorm, Linear, losses, Module, ReLU, Sequential } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { GRU, LSTM, TransformerEncoderLayer } from '@stratajs/sequence';
import { vision } from '@stratajs/vision';

/** By the network's name. */
export type Trajectories = Readonly<Record<string, readonly number[]>>;

type Network = Module & { forward(x: Tensor): Tensor };

interface Case {
  readonly make: (rng: Rng) => Network;
  /** Shape of a batch. */
  readonly x: readonly number[];
  readonly steps: number;
}

const CLASSES = 10;

/** Reads a sequence, and answers from what is there after its last step. */
class Reader extends Module {
  readonly body: Network;
  readonly head: Linear;

  constructor(body: Network, features: number, rng: Rng) {
    super();
    this.body = body;
    this.head = new Linear(features, CLASSES, { rng });
  }

  forward(x: Tensor): Tensor {
    const y = this.body.forward(x);
    const [batch, steps, features] = y.shape as [number, number, number];
    const last = slice(y, [0, steps - 1, 0], [batch, 1, features]);
    return this.head.forward(reshape(last, [batch, features]));
  }
}

/** Of a recurrent layer its outputs. */
class Outputs extends Module {
  readonly layer: LSTM | GRU;

  constructor(layer: LSTM | GRU) {
    super();
    this.layer = layer;
  }

  forward(x: Tensor): Tensor {
    return this.layer.forward(x).output;
  }
}

const classic = (name: string) => (rng: Rng) => createModel(name, {}, { rng }) as Network;

const cases: Readonly<Record<string, Case>> = {
  mlp: { make: classic('mlp'), x: [100, 28, 28, 1], steps: 4 },
  lenet5: { make: classic('lenet5'), x: [128, 28, 28, 1], steps: 4 },
  resnet20: { make: classic('resnet20'), x: [3, 32, 32, 3], steps: 2 },
  'group norm': {
    make: (rng) => new Reader(new Sequential(new GroupNorm(3, 12), new ReLU()), 12, rng),
    x: [5, 7, 12],
    steps: 3,
  },
  lstm: {
    make: (rng) => new Reader(new Outputs(new LSTM(9, 12, { bidirectional: true, rng })), 24, rng),
    x: [6, 11, 9],
    steps: 3,
  },
  gru: {
    make: (rng) => new Reader(new Outputs(new GRU(9, 13, { rng })), 13, rng),
    x: [5, 11, 9],
    steps: 3,
  },
  transformer: {
    make: (rng) =>
      new Reader(
        new TransformerEncoderLayer(24, 4, { feedForwardFeatures: 40, dropout: 0.1, rng }),
        24,
        rng,
      ),
    x: [5, 33, 24],
    steps: 4,
  },
};

/** Every other network is compiled, from its second step on. */
export async function trajectories(plugin: BackendPlugin): Promise<Trajectories> {
  await use(plugin);
  register(vision);
  const all: Record<string, number[]> = {};
  for (const [i, [name, of]] of Object.entries(cases).entries()) {
    all[name] = await lossesOf(of, i % 2 === 1);
  }
  return all;
}

async function lossesOf({ make, x, steps }: Case, compiled: boolean): Promise<number[]> {
  const rng = new Rng(1);
  const model = make(rng);
  const optimizer = new Adam(model, { learningRate: 2e-3 });
  const learn = (images: Tensor, labels: Tensor): Tensor => {
    const { value, grads } = valueAndGrad(
      () => losses.crossEntropy(model.forward(images), labels),
      model,
    )();
    optimizer.step(grads);
    dispose(grads);
    return value;
  };
  const step = compiled ? compile(learn) : learn;
  const size = x.reduce((a, b) => a * b, 1);
  const seen: number[] = [];
  for (let i = 0; i < steps; i++) {
    const images = tensor(rng.uniformArray(size, { min: -1 }), x);
    const labels = tensor(Int32Array.from({ length: x[0]! }, (_, k) => (7 * k + i) % CLASSES));
    const loss = step(images, labels);
    seen.push(((await loss.data()) as Float32Array)[0]!);
    dispose([images, labels, loss]);
  }
  dispose([model, optimizer]);
  return seen;
}
