import {
  add,
  type ModelEntry,
  pad,
  relu,
  type Rng,
  stridedSlice,
  type Tensor,
} from '@stratajs/core';
import {
  BatchNorm2d,
  Conv2d,
  GlobalAvgPool2d,
  init,
  type Layer,
  Linear,
  Module,
  Sequential,
} from '@stratajs/layers';
import { checkImageSize } from './image-size.js';

export interface ResNet20Options {
  /** Default 10. */
  readonly numClasses?: number;
  /** Of the initial values. Default: the default generator. */
  readonly rng?: Rng;
}

/**
 * Two 3x3 convolutions with batch normalization, beside a shortcut:
 * y = relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)).
 *
 * The shortcut has no parameters (option A of the paper): where the block halves the image and widens it, it
 * takes every second row and column, and zeros for the new channels, half before and half after.
 */
export class BasicBlock extends Module {
  readonly stride: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, stride: number, rng?: Rng) {
    super();
    this.stride = stride;
    this.conv1 = conv3x3(inChannels, outChannels, stride, rng);
    this.bn1 = new BatchNorm2d(outChannels);
    this.conv2 = conv3x3(outChannels, outChannels, 1, rng);
    this.bn2 = new BatchNorm2d(outChannels);
  }

  forward(x: Tensor): Tensor {
    const hidden = relu(this.bn1.forward(this.conv1.forward(x)));
    const residual = this.bn2.forward(this.conv2.forward(hidden));
    return relu(add(residual, this.shortcut(x)));
  }

  private shortcut(x: Tensor): Tensor {
    const { stride } = this;
    const picked = stride === 1 ? x : stridedSlice(x, [], [], [1, stride, stride, 1]);
    const missing = this.conv2.outChannels - this.conv1.inChannels;
    if (missing === 0) return picked;
    const before = Math.floor(missing / 2);
    return pad(picked, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, missing - before],
    ]);
  }
}

/**
 * ResNet-20 for images of CIFAR's size: a 3x3 convolution, three stages of three blocks with 16, 32 and 64
 * channels, the mean over positions, and a linear layer.
 *
 *     [N, 32, 32, 3] → [N, 32, 32, 16] → [N, 16, 16, 32] → [N, 8, 8, 64] → [N, 64] → [N, numClasses]
 *
 * Shapes: x [N, 32, 32, 3] → scores [N, numClasses]. With 10 classes 269,722 parameters, the paper's
 * 0.27 M: shortcuts are its option A. (With projections, option B, there would be 272,474.)
 *
 * @throws ConfigError when numClasses is no positive whole number.
 * @throws ShapeError when x is no batch of 32x32 images with 3 channels.
 *
 * Paper: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.
 */
export class ResNet20 extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly stage1: Sequential;
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly pool: GlobalAvgPool2d;
  readonly fc: Linear;

  constructor({ numClasses = 10, rng }: ResNet20Options = {}) {
    super();
    this.conv1 = conv3x3(3, 16, 1, rng);
    this.bn1 = new BatchNorm2d(16);
    this.stage1 = stage(16, 16, 1, rng);
    this.stage2 = stage(16, 32, 2, rng);
    this.stage3 = stage(32, 64, 2, rng);
    this.pool = new GlobalAvgPool2d();
    this.fc = new Linear(64, numClasses, rng ? { rng } : {});
  }

  forward(x: Tensor): Tensor {
    checkImageSize('ResNet20', x, 32, 3);
    let y = relu(this.bn1.forward(this.conv1.forward(x))); // [N, 32, 32, 16]
    y = this.stage1.forward(y);
    y = this.stage2.forward(y); // [N, 16, 16, 32]
    y = this.stage3.forward(y); // [N, 8, 8, 64]
    return this.fc.forward(this.pool.forward(y));
  }
}

function stage(inChannels: number, outChannels: number, stride: number, rng?: Rng): Sequential {
  return new Sequential<readonly Layer[]>(
    new BasicBlock(inChannels, outChannels, stride, rng),
    new BasicBlock(outChannels, outChannels, 1, rng),
    new BasicBlock(outChannels, outChannels, 1, rng),
  );
}

/** No bias: the batch normalization after it has one. */
function conv3x3(inChannels: number, outChannels: number, stride: number, rng?: Rng): Conv2d {
  const weightInit = init.heNormal;
  return new Conv2d(inChannels, outChannels, 3, {
    strides: stride,
    padding: 1,
    bias: false,
    weightInit,
    ...(rng && { rng }),
  });
}

export const resnet20: ModelEntry = {
  task: 'classification',
  paper: 'He, Zhang, Ren, Sun: Deep residual learning for image recognition (2016)',
  options: { numClasses: 10 },
  create: (options, rng) => new ResNet20({ ...(options as ResNet20Options), rng }),
  exampleInput: () => ({ shape: [2, 32, 32, 3], dtype: 'float32' }),
  parameterCount: 269_722,
};
