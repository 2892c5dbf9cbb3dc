/** tfjs-layers' side of a comparison in a browser, on tfjs's own engine of the same kind. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import * as layers from '@tensorflow/tfjs-layers';
import { serveFrame } from './frame.js';

type Run = (times: number) => Promise<number>;

const engines: Readonly<Record<string, () => Promise<unknown>>> = {
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  async wasm() {
    const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths('/wasm/');
    setThreadsCount(1);
  },
};

const workloads: Readonly<Record<string, () => Run>> = {
  'mlp-step': () => {
    const { dense } = layers.layers;
    return training(
      [128, 784],
      [
        dense({ inputShape: [784], units: 512, activation: 'relu' }),
        dense({ units: 512, activation: 'relu' }),
        dense({ units: 10 }),
      ],
    );
  },
  'lenet5-step': () => {
    const { conv2d, maxPooling2d, flatten, dense } = layers.layers;
    return training(
      [64, 28, 28, 1],
      [
        conv2d({
          inputShape: [28, 28, 1],
          filters: 6,
          kernelSize: 5,
          padding: 'same',
          activation: 'relu',
        }),
        maxPooling2d({ poolSize: 2 }),
        conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
        maxPooling2d({ poolSize: 2 }),
        flatten(),
        dense({ units: 120, activation: 'relu' }),
        dense({ units: 84, activation: 'relu' }),
        dense({ units: 10 }),
      ],
    );
  },
};

/** The step that fit() runs for a batch, without what fit() does around it. */
interface Trainable {
  makeTrainFunction(): (data: tf.Tensor[]) => tf.Scalar[];
}

function training(shape: number[], stack: layers.layers.Layer[]): Run {
  const model = layers.sequential({ layers: stack });
  model.compile({
    optimizer: tf.train.adam(1e-3),
    loss: (labels: tf.Tensor, scores: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, scores),
  });
  const labels = Array.from({ length: shape[0]! }, (_, i) => i % 10);
  const batch = [tf.randomUniform(shape), tf.oneHot(tf.tensor1d(labels, 'int32'), 10)];
  const step = (model as unknown as { model: Trainable }).model.makeTrainFunction();
  return async (times) => {
    for (let i = 1; i < times; i++) step(batch)[0]!.dispose();
    const [loss] = step(batch);
    const value = (await loss!.data())[0]!;
    loss!.dispose();
    return value;
  };
}

serveFrame(async (engine) => {
  await engines[engine]!();
  if (!(await tf.setBackend(engine)) || tf.getBackend() !== engine)
    throw new Error(`tfjs's engine '${engine}' did not start.`);
  return {
    description: `tfjs-layers ${layers.version_layers} ${engine}`,
    prepare: (workload) => workloads[workload]!(),
  };
});
