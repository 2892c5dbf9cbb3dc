/** ResNet-18 as PyTorch's torchvision builds it. */
import { add, relu, type Rng, type Tensor } from '@stratajs/core';
import {
  BatchNorm2d,
  Conv2d,
  GlobalAvgPool2d,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
} from '@stratajs/layers';
import { total } from './workload.js';

const STAGES = [64, 128, 256, 512];

function conv(inputs: number, outputs: number, kernel: number, stride: number, rng: Rng): Conv2d {
  const padding = (kernel - 1) / 2;
  return new Conv2d(inputs, outputs, kernel, { strides: stride, padding, bias: false, rng });
}

/** Two 3x3 convolutions beside a shortcut, which a 1x1 convolution brings to their size where it has to. */
class Block extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly shortcut: Sequential | null;

  constructor(inputs: number, outputs: number, stride: number, rng: Rng) {
    super();
    this.conv1 = conv(inputs, outputs, 3, stride, rng);
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = conv(outputs, outputs, 3, 1, rng);
    this.bn2 = new BatchNorm2d(outputs);
    this.shortcut =
      stride === 1 && inputs === outputs
        ? null
        : new Sequential(conv(inputs, outputs, 1, stride, rng), new BatchNorm2d(outputs));
  }

  forward(x: Tensor): Tensor {
    const hidden = relu(this.bn1.forward(this.conv1.forward(x)));
    const residual = this.bn2.forward(this.conv2.forward(hidden));
    return relu(add(residual, this.shortcut?.forward(x) ?? x));
  }
}

/** [N, 224, 224, 3] → [N, 1000] */
export class ResNet18 extends Module {
  /** Multiply-adds of one image forward, and those of the first convolution. */
  static readonly firstProducts: number = 112 * 112 * 64 * 147;
  static readonly products: number =
    ResNet18.firstProducts +
    total(
      STAGES.map((channels, i) => {
        const places = (56 >> i) ** 2;
        const before = i === 0 ? channels : channels / 2;
        const projection = i === 0 ? 0 : before * channels;
        return places * (9 * before * channels + 3 * 9 * channels * channels + projection);
      }),
    ) +
    512 * 1000;
  /** Outputs of all convolutions for one image. */
  static readonly activations: number =
    112 * 112 * 64 + total(STAGES.map((c, i) => (56 >> i) ** 2 * c * (i === 0 ? 4 : 5)));
  static readonly weights: number = 11_689_512;

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly pool: MaxPool2d;
  readonly blocks: Sequential;
  readonly globalPool: GlobalAvgPool2d;
  readonly fc: Linear;

  constructor(rng: Rng) {
    super();
    this.conv1 = conv(3, 64, 7, 2, rng);
    this.bn1 = new BatchNorm2d(64);
    this.pool = new MaxPool2d(3, { strides: 2, padding: 1 });
    const blocks: Layer[] = STAGES.flatMap((channels, i) => [
      new Block(i === 0 ? channels : channels / 2, channels, i === 0 ? 1 : 2, rng),
      new Block(channels, channels, 1, rng),
    ]);
    this.blocks = new Sequential(...blocks);
    this.globalPool = new GlobalAvgPool2d();
    this.fc = new Linear(512, 1000, { rng });
  }

  forward(x: Tensor): Tensor {
    const y = this.pool.forward(relu(this.bn1.forward(this.conv1.forward(x))));
    return this.fc.forward(this.globalPool.forward(this.blocks.forward(y)));
  }
}
