import { ConfigError, memory, ShapeError, sum, tensor, valueAndGrad, zeros } from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

const builders: [string, () => unknown, RegExp][] = [
  ['Linear of no inputs', () => new L.Linear(0, 1), /inFeatures of Linear .* Received: number 0/],
  ['Linear of half outputs', () => new L.Linear(1, 1.5), /outFeatures of Linear/],
  [
    'Linear with a misspelt option',
    () => new L.Linear(1, 1, { biass: false } as never),
    /Did you mean 'bias'/,
  ],
  [
    'Linear with a number for options',
    () => new L.Linear(1, 1, 3 as never),
    /options of Linear are an object/,
  ],
  [
    'Conv2d of text channels',
    () => new L.Conv2d('1' as never, 1, 3),
    /inChannels of Conv2d .* Received: '1'/,
  ],
  ['Conv2d of no filter', () => new L.Conv2d(1, 1, 0), /kernelSize of Conv2d/],
  ['Conv2d of three sizes', () => new L.Conv2d(1, 1, [1, 2, 3] as never), /pair \[height, width\]/],
  ['Conv2d of half a group', () => new L.Conv2d(2, 2, 3, { groups: 0.5 }), /groups of Conv2d/],
  [
    'Conv2d of groups that do not fit',
    () => new L.Conv2d(4, 6, 3, { groups: 4 }),
    /groups of Conv2d divides .* 4 for 4 and 6/,
  ],
  ['Conv2d with stride 0', () => new L.Conv2d(1, 1, 3, { strides: 0 }), /strides of Conv2d/],
  [
    'Conv2d padded by a word',
    () => new L.Conv2d(1, 1, 3, { padding: 'full' as never }),
    /Received: 'full'/,
  ],
  [
    'Conv2d padded by less',
    () =>
      new L.Conv2d(1, 1, 3, {
        padding: [
          [0, 0],
          [-1, 0],
        ],
      }),
    /\[\[0,0\],\[-1,0\]\]/,
  ],
  [
    'MaxPool2d with a misspelt option',
    () => new L.MaxPool2d(2, { stride: 1 } as never),
    /Did you mean 'strides'/,
  ],
  ['AvgPool2d of no window', () => new L.AvgPool2d(undefined as never), /kernelSize of AvgPool2d/],
  [
    'BatchNorm2d with momentum 2',
    () => new L.BatchNorm2d(1, { momentum: 2 }),
    /momentum .* \[0, 1\]\. Received: number 2/,
  ],
  ['BatchNorm2d with epsilon 0', () => new L.BatchNorm2d(1, { epsilon: 0 }), /epsilon .* positive/],
  ['BatchNorm2d with eps', () => new L.BatchNorm2d(1, { eps: 1 } as never), /'eps'/],
  ['BatchNorm1d of no channels', () => new L.BatchNorm1d(0), /channels of BatchNorm1d/],
  ['LayerNorm of no size', () => new L.LayerNorm([]), /normalizedShape of LayerNorm .* \[\]/],
  ['LayerNorm of half a size', () => new L.LayerNorm(1.5), /Received: \[1.5\]/],
  ['LayerNorm with epsilon 0', () => new L.LayerNorm(1, { epsilon: 0 }), /epsilon of LayerNorm/],
  ['GroupNorm of 2 by 3', () => new L.GroupNorm(2, 3), /divide .* 2 groups of 3 channels/],
  ['GroupNorm of no groups', () => new L.GroupNorm(0, 3), /groups of GroupNorm/],
  [
    'InstanceNorm2d with a misspelt option',
    () => new L.InstanceNorm2d(1, { afine: true } as never),
    /Did you mean 'affine'/,
  ],
  ['Dropout of everything', () => new L.Dropout(1), /\[0, 1\)\. Received: number 1/],
  ['LeakyReLU of NaN', () => new L.LeakyReLU(NaN), /Received: number NaN/],
  ['Softmax over half an axis', () => new L.Softmax(0.5), /axis of Softmax/],
  [
    'Sequential of a class',
    () => new L.Sequential(L.ReLU as never),
    /a function \(ReLU\) at position 0\. Make one/,
  ],
];

test.each(builders)('%s is refused', (_, build, message) => {
  const before = memory().numTensors;
  expect(build).toThrow(ConfigError);
  expect(build).toThrow(message);
  expect(memory().numTensors).toBe(before);
});

const image = (): L.Layer[] => [
  new L.Conv2d(3, 2, 3),
  new L.MaxPool2d(2),
  new L.AvgPool2d(2),
  new L.GlobalAvgPool2d(),
  new L.BatchNorm2d(3),
  new L.InstanceNorm2d(3, { affine: true }),
];
const plain = (): L.Layer[] => [
  new L.Linear(5, 2),
  new L.PReLU(5),
  new L.ReLU(),
  new L.LeakyReLU(),
  new L.ELU(),
  new L.SELU(),
  new L.Sigmoid(),
  new L.HardSigmoid(),
  new L.Tanh(),
  new L.Softplus(),
  new L.GELU(),
  new L.SiLU(),
  new L.Softmax(),
  new L.Dropout(0.5),
  new L.BatchNorm1d(5),
  new L.LayerNorm(5),
  new L.GroupNorm(1, 5),
];

describe('wrong inputs', () => {
  test('a wrong rank, with what was expected', () => {
    for (const layer of image()) {
      expect(() => layer.forward(zeros([4, 5, 3]))).toThrow(
        /rank 4\. Received: rank 3, shape \[4, 5, 3\].*expandDims/,
      );
    }
    expect(() => new L.Flatten().forward(tensor(1))).toThrow(/Received: a scalar/);
    expect(() => new L.Linear(5, 2).forward(tensor(1))).toThrow(ShapeError);
  });

  test('a wrong number of channels, with the remedy that fits', () => {
    expect(() => new L.Conv2d(3, 2, 3).forward(zeros([1, 3, 8, 8]))).toThrow(
      /transpose\(x, \[0, 2, 3, 1\]\)/,
    );
    expect(() => new L.BatchNorm2d(3).forward(zeros([1, 4, 4, 2]))).toThrow(
      /expects 3 channels.*Received: 2 channels/,
    );
    expect(() => new L.Linear(784, 10).forward(zeros([2, 28, 28, 1]))).toThrow(
      /Linear expects inputs \[\.\.\., 784\].*Received: shape \[2, 28, 28, 1\]\. Put a Flatten before it/,
    );
  });

  test('another dtype, no tensor, a disposed tensor', () => {
    for (const layer of [...image(), ...plain()]) {
      expect(() => layer.forward(zeros([2, 4, 4, 3], 'int32'))).toThrow(
        /float32 values.*int32.*cast/,
      );
      expect(() => layer.forward([1, 2] as never)).toThrow(
        /must be a tensor. Received: an array of 2/,
      );
      const x = zeros([2, 5]);
      x.dispose();
      expect(() => layer.forward(x)).toThrow(/disposed/);
    }
  });

  test('an image smaller than the filter', () => {
    expect(() => new L.Conv2d(1, 1, 5).forward(zeros([1, 3, 3, 1]))).toThrow(ShapeError);
    expect(() => new L.MaxPool2d(5).forward(zeros([1, 3, 3, 1]))).toThrow(ShapeError);
  });

  test('sizes that a normalization was not built for', () => {
    expect(() => new L.BatchNorm1d(3).forward(zeros([2, 4, 4, 3]))).toThrow(
      /Use BatchNorm2d for images/,
    );
    expect(() => new L.LayerNorm([2, 3]).forward(zeros([4, 3]))).toThrow(
      /LayerNorm expects inputs \[\.\.\., 2, 3\]\. Received: shape \[4, 3\]/,
    );
    expect(() => new L.GroupNorm(1, 3).forward(zeros([3]))).toThrow(/\[N, \.\.\., 3\].*expandDims/);
  });

  test('BatchNorm2d of one value per channel, in training only', () => {
    const layer = new L.BatchNorm2d(2);
    expect(() => layer.forward(zeros([1, 1, 1, 2]))).toThrow(/at least two values per channel/);
    expect(layer.eval().forward(zeros([1, 1, 1, 2])).shape).toEqual([1, 1, 1, 2]);
  });
});

describe('memory', () => {
  const cases = (): [string, L.Layer, number[]][] => [
    ...image().map((l): [string, L.Layer, number[]] => [l.constructor.name, l, [2, 4, 4, 3]]),
    ...plain().map((l): [string, L.Layer, number[]] => [l.constructor.name, l, [2, 5]]),
    ['Flatten', new L.Flatten(), [2, 5]],
    ['Identity', new L.Identity(), [2, 5]],
    ['Sequential', new L.Sequential(new L.Linear(5, 4), new L.ReLU(), new L.Linear(4, 2)), [2, 5]],
  ];

  test('each layer leaves one tensor, its output; with gradients, and after an error, none', () => {
    for (const [name, layer, shape] of cases()) {
      const x = zeros(shape);
      const wrong = zeros([3], 'int32');
      layer.forward(x).dispose(); // running statistics and the like have their size now
      const before = memory().numTensors;

      layer.forward(x).dispose();
      layer.eval().forward(x).dispose();
      layer.train();
      expect([name, memory().numTensors]).toEqual([name, before]);

      if (layer.parameters().length > 0) {
        const { value, grads } = valueAndGrad(() => sum(layer.forward(x)), layer)();
        for (const t of [value, ...Object.values(grads)]) t.dispose();
        const failing = valueAndGrad(() => {
          sum(layer.forward(x));
          throw new Error('on purpose');
        }, layer);
        expect(failing).toThrow('on purpose');
      }
      if (name !== 'Identity' && name !== 'Flatten')
        expect(() => layer.forward(wrong)).toThrow(ShapeError);
      expect([name, memory().numTensors]).toEqual([name, before]);
    }
  });
});
