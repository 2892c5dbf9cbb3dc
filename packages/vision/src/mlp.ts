import { ConfigError, describeValue, type ModelEntry, type Rng, type Tensor } from '@stratajs/core';
import { Flatten, type Layer, Linear, Module, ReLU, Sequential } from '@stratajs/layers';

export interface MlpOptions {
  /** Values of one example, all axes but the batch together. Default 784. */
  readonly inputSize?: number;
  /** Sizes of the hidden layers; none makes it a linear classifier. Default [512, 512]. */
  readonly hidden?: readonly number[];
  /** Default 10. */
  readonly numClasses?: number;
  /** Of the initial values. Default: the default generator. */
  readonly rng?: Rng;
}

/**
 * A multilayer perceptron: Flatten, then Linear and ReLU for each hidden layer, then Linear to the scores.
 *
 * Shapes: x [N, ...], inputSize values each → scores [N, numClasses].
 * With the defaults 784-512-512-10: 669,706 parameters.
 *
 * @throws ConfigError for sizes that are no positive whole numbers.
 * @throws ShapeError when an example does not hold inputSize values.
 *
 * Paper: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", Nature 323 (1986).
 * Differs from the paper: ReLU in place of the logistic function.
 */
export class Mlp extends Module {
  readonly layers: Sequential;

  constructor(options: MlpOptions = {}) {
    super();
    const { inputSize = 784, hidden = [512, 512], numClasses = 10, rng } = options;
    if (!Array.isArray(hidden)) {
      throw new ConfigError(
        `The hidden of Mlp is a list of sizes, for example [512, 512]. Received: ${describeValue(hidden)}.`,
      );
    }
    const sizes = [inputSize, ...(hidden as readonly number[])];
    const layers: Layer[] = [new Flatten()];
    for (let i = 1; i < sizes.length; i++) {
      layers.push(new Linear(sizes[i - 1]!, sizes[i]!, { ...(rng && { rng }) }), new ReLU());
    }
    layers.push(new Linear(sizes.at(-1)!, numClasses, { ...(rng && { rng }) }));
    this.layers = new Sequential(...layers);
  }

  forward(x: Tensor): Tensor {
    return this.layers.forward(x);
  }
}

export const mlp: ModelEntry = {
  task: 'classification',
  paper: 'Rumelhart, Hinton, Williams: Learning representations by back-propagating errors (1986)',
  options: { inputSize: 784, hidden: [512, 512], numClasses: 10 },
  create: (options, rng) => new Mlp({ ...(options as MlpOptions), rng }),
  exampleInput: (options) => ({ shape: [2, options['inputSize'] as number], dtype: 'float32' }),
  parameterCount: 669_706,
};
