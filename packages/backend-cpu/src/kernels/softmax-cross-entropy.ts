import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelSet, MakeKernel } from './kernel.js';
import { refusalOf } from './refusal.js';

interface Inputs {
  readonly logits: TensorInfo;
  readonly labels: TensorInfo;
}

interface Attributes {
  readonly labelSmoothing: number;
}

/** @throws ConfigError for a label that is none of the classes. */
const forward: MakeKernel<Inputs, Attributes> =
  ({ native, backend }) =>
  ({ logits, labels }, { labelSmoothing }) => {
    const [rows, columns] = logits.shape as [number, number];
    const loss = backend.allocate([rows], 'float32', rows);
    try {
      native.softmaxCrossEntropy(
        backend.values(logits),
        backend.values(labels),
        backend.values(loss),
        rows,
        columns,
        labelSmoothing,
      );
    } catch (error) {
      backend.disposeIntermediateTensorInfo(loss);
      throw refusalOf('StrataSoftmaxCrossEntropy', error);
    }
    return loss;
  };

/** @throws ConfigError for a label that is none of the classes. */
const backward: MakeKernel<Inputs & { readonly dy: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ logits, labels, dy }, { labelSmoothing }) => {
    const [rows, columns] = logits.shape as [number, number];
    const dlogits = backend.allocate(logits.shape, 'float32', rows * columns);
    try {
      native.softmaxCrossEntropyGradient(
        backend.values(logits),
        backend.values(labels),
        backend.values(dy),
        backend.values(dlogits),
        rows,
        columns,
        labelSmoothing,
      );
    } catch (error) {
      backend.disposeIntermediateTensorInfo(dlogits);
      throw refusalOf('StrataSoftmaxCrossEntropyGrad', error);
    }
    return dlogits;
  };

export const softmaxCrossEntropyKernels: KernelSet = {
  StrataSoftmaxCrossEntropy: forward,
  StrataSoftmaxCrossEntropyGrad: backward,
};
