import { type ModelEntry, type Rng, type Tensor } from '@stratajs/core';
import {
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from '@stratajs/layers';
import { checkImageSize } from './image-size.js';

export interface LeNet5Options {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 1. */
  readonly inChannels?: number;
  /** Of the initial values. Default: the default generator. */
  readonly rng?: Rng;
}

/**
 * LeNet-5: two convolutions with pooling, then three fully connected layers.
 *
 *     [N, 28, 28, 1] padded to 32 → conv 5x5, 6 → pool → conv 5x5, 16 → pool → 400 → 120 → 84 → numClasses
 *
 * Shapes: x [N, 28, 28, inChannels] → scores [N, numClasses]. With the defaults 61,706 parameters.
 *
 * @throws ConfigError for sizes that are no positive whole numbers.
 * @throws ShapeError when x is no batch of 28x28 images with inChannels channels.
 *
 * Paper: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 * Differs from the paper, as nearly all realisations do: ReLU for scaled tanh; max pooling for trained
 * averages (with ReLU it is the more accurate); every map of C3 sees all of S2, where the paper leaves
 * out some to break symmetry (hence 61,706 parameters, not 60,000); softmax scores for radial basis functions.
 */
export class LeNet5 extends Module {
  readonly inChannels: number;
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(options: LeNet5Options = {}) {
    super();
    const { numClasses = 10, inChannels = 1, rng } = options;
    const from = rng ? { rng } : {};
    this.inChannels = inChannels;
    this.features = new Sequential<readonly Layer[]>(
      new Conv2d(inChannels, 6, 5, { padding: 2, ...from }), // [N, 28, 28, 6]
      new ReLU(),
      new MaxPool2d(2), // [N, 14, 14, 6]
      new Conv2d(6, 16, 5, from), // [N, 10, 10, 16]
      new ReLU(),
      new MaxPool2d(2), // [N, 5, 5, 16]
    );
    this.classifier = new Sequential<readonly Layer[]>(
      new Flatten(), // [N, 400]
      new Linear(400, 120, from),
      new ReLU(),
      new Linear(120, 84, from),
      new ReLU(),
      new Linear(84, numClasses, from),
    );
  }

  forward(x: Tensor): Tensor {
    checkImageSize('LeNet5', x, 28, this.inChannels);
    return this.classifier.forward(this.features.forward(x));
  }
}

export const lenet5: ModelEntry = {
  task: 'classification',
  paper:
    'LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition (1998)',
  options: { numClasses: 10, inChannels: 1 },
  create: (options, rng) => new LeNet5({ ...(options as LeNet5Options), rng }),
  exampleInput: (options) => ({
    shape: [2, 28, 28, options['inChannels'] as number],
    dtype: 'float32',
  }),
  parameterCount: 61_706,
};
