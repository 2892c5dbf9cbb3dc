/** tfjs's side of a comparison: tfjs-core with its own cpu or wasm backend. Argument: the backend. */
import { cpu } from '@stratajs/backend-cpu';
import { use } from '@stratajs/core';
import * as tf from '@tensorflow/tfjs-core';
import { servePeer } from './protocol.js';

type Run = (times: number) => Promise<number>;

const backend = process.argv[2]!;
await import(`@tensorflow/tfjs-backend-${backend}`);
// Node's bundle of tfjs-core leaves the gradients out; use() registers them for every engine.
await use(cpu({ tier: 'javascript' }));
if (!(await tf.setBackend(backend))) throw new Error(`tfjs backend '${backend}' did not start.`);

const workloads: Record<string, () => Run> = {
  'matmul-1024': () => {
    const a = tf.randomNormal([1024, 1024]);
    const b = tf.randomNormal([1024, 1024]);
    return async (times) => {
      for (let i = 1; i < times; i++) tf.matMul(a, b).dispose();
      const c = tf.matMul(a, b);
      const value = (await c.data())[0]!;
      c.dispose();
      return value;
    };
  },
  'lenet5-step': () => {
    const shapes = [
      [5, 5, 1, 6],
      [6],
      [5, 5, 6, 16],
      [16],
      [400, 120],
      [120],
      [120, 84],
      [84],
      [84, 10],
      [10],
    ];
    const w = shapes.map((s) => tf.variable(tf.randomNormal(s, 0, 0.1)));
    const x = tf.randomUniform<tf.Rank.R4>([64, 28, 28, 1]);
    return training(64, () => {
      let h: tf.Tensor4D = tf.maxPool(
        tf.relu(tf.add(tf.conv2d(x, w[0] as tf.Tensor4D, 1, 'same'), w[1]!)),
        2,
        2,
        'valid',
      );
      h = tf.maxPool(
        tf.relu(tf.add(tf.conv2d(h, w[2] as tf.Tensor4D, 1, 'valid'), w[3]!)),
        2,
        2,
        'valid',
      );
      return dense(tf.reshape(h, [64, 400]), w.slice(4));
    });
  },
  'mlp-step': () => {
    const shapes = [[784, 512], [512], [512, 512], [512], [512, 10], [10]];
    const w = shapes.map((s) => tf.variable(tf.randomNormal(s, 0, 0.05)));
    const x = tf.randomUniform<tf.Rank.R2>([128, 784]);
    return training(128, () => dense(x, w));
  },
};

function dense(x: tf.Tensor, w: tf.Variable[]): tf.Tensor {
  let h = x;
  for (let i = 0; i < w.length; i += 2) {
    h = tf.add(tf.matMul(h, w[i]!), w[i + 1]!);
    if (i + 2 < w.length) h = tf.relu(h);
  }
  return h;
}

function training(batch: number, forward: () => tf.Tensor): Run {
  const optimizer = tf.train.adam(1e-3);
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 10),
      'int32',
    ),
    10,
  );
  const step = (): tf.Scalar =>
    optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward()) as tf.Scalar, true)!;
  return async (times) => {
    for (let i = 1; i < times; i++) step().dispose();
    const loss = step();
    const value = (await loss.data())[0]!;
    loss.dispose();
    return value;
  };
}

await servePeer(
  () => `tfjs ${tf.version_core} ${backend}`,
  async (name) => {
    const make = workloads[name];
    if (!make) throw new Error(`tfjs's side has no workload '${name}'.`);
    return make();
  },
);
