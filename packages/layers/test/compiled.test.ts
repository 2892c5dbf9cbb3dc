import { cpu, type Isa } from '@stratajs/backend-cpu';
import {
  describeCompiled,
  describeSameBits,
  layerTraining,
  lossTraining,
  type Training,
} from '@stratajs/conformance';
import type { Rng } from '@stratajs/core';
import * as L from '../src/index.js';

const engines = [
  ...(['avx512', 'avx2', 'neon', 'generic'] satisfies Isa[]).map((isa) =>
    cpu({ tier: 'native', isa }),
  ),
  cpu({ tier: 'wasm' }),
  cpu({ tier: 'javascript' }),
];
const withThreads = [1, 2, 4].map((threads) => cpu({ tier: 'native', threads }));

type Making = (rng: Rng) => L.Layer;
const image = (create: Making): Training => layerTraining(create, [{ shape: [3, 7, 6, 4] }]);
const rows = (create: Making): Training => layerTraining(create, [{ shape: [5, 6] }]);

const layers: Readonly<Record<string, Training>> = {
  Linear: rows((rng) => new L.Linear(6, 3, { rng })),
  'Linear, without bias': rows((rng) => new L.Linear(6, 3, { bias: false, rng })),
  Conv2d: image((rng) => new L.Conv2d(4, 5, 3, { strides: 2, padding: 1, rng })),
  'Conv2d, dilated': image((rng) => new L.Conv2d(4, 3, [2, 3], { dilations: 2, bias: false, rng })),
  'Conv2d, in groups': image((rng) => new L.Conv2d(4, 6, 3, { padding: 'same', groups: 2, rng })),
  'Conv2d, a group for each channel': image((rng) => new L.Conv2d(4, 8, 3, { groups: 4, rng })),
  MaxPool2d: image(() => new L.MaxPool2d(3, { strides: 2, padding: 1 })),
  AvgPool2d: image(() => new L.AvgPool2d(3, { strides: 2, padding: 1 })),
  GlobalAvgPool2d: image(() => new L.GlobalAvgPool2d()),
  BatchNorm1d: rows(() => new L.BatchNorm1d(6)),
  BatchNorm2d: image(() => new L.BatchNorm2d(4)),
  'BatchNorm2d, of another momentum': image(() => new L.BatchNorm2d(4, { momentum: 0.4 })),
  LayerNorm: rows(() => new L.LayerNorm(6)),
  GroupNorm: image(() => new L.GroupNorm(2, 4)),
  InstanceNorm2d: image(() => new L.InstanceNorm2d(4, { affine: true })),
  Dropout: rows((rng) => new L.Dropout(0.3, { rng })),
  Flatten: image(() => new L.Flatten()),
  Identity: rows(() => new L.Identity()),
  ReLU: rows(() => new L.ReLU()),
  LeakyReLU: rows(() => new L.LeakyReLU(0.2)),
  PReLU: rows(() => new L.PReLU()),
  'PReLU, a slope for each channel': rows(() => new L.PReLU(6)),
  ELU: rows(() => new L.ELU()),
  SELU: rows(() => new L.SELU()),
  Sigmoid: rows(() => new L.Sigmoid()),
  HardSigmoid: rows(() => new L.HardSigmoid()),
  Tanh: rows(() => new L.Tanh()),
  Softplus: rows(() => new L.Softplus()),
  GELU: rows(() => new L.GELU()),
  SiLU: rows(() => new L.SiLU()),
  Softmax: rows(() => new L.Softmax()),
  Sequential: image(
    (rng) =>
      new L.Sequential(
        new L.Conv2d(4, 6, 3, { rng }),
        new L.BatchNorm2d(6),
        new L.ReLU(),
        new L.MaxPool2d(2),
        new L.Flatten(),
        new L.Dropout(0.25, { rng }),
        new L.Linear(24, 5, { rng }),
      ),
  ),
};

const scores = { shape: [5, 4], low: -3, high: 3 };
const classes = { shape: [5], dtype: 'int32', low: 0, high: 4 } as const;
const losses: Readonly<Record<string, Training>> = {
  binaryCrossEntropy: lossTraining(L.losses.binaryCrossEntropy, scores, { shape: [5, 4], low: 0 }),
  crossEntropy: lossTraining(L.losses.crossEntropy, scores, classes),
  'crossEntropy, smoothed': lossTraining(
    (x, y) => L.losses.crossEntropy(x, y, { labelSmoothing: 0.1, reduction: 'sum' }),
    scores,
    classes,
  ),
  hinge: lossTraining(L.losses.hinge, scores, { shape: [5, 4] }),
  huber: lossTraining(L.losses.huber, scores, scores),
  klDivergence: lossTraining(L.losses.klDivergence, scores, { shape: [5, 4], low: 0 }),
  meanAbsoluteError: lossTraining(L.losses.meanAbsoluteError, scores, scores),
  meanSquaredError: lossTraining(L.losses.meanSquaredError, scores, scores),
  'meanSquaredError, of each': lossTraining(
    (x, y) => L.losses.meanSquaredError(x, y, { reduction: 'none' }),
    scores,
    scores,
  ),
  negativeLogLikelihood: lossTraining(L.losses.negativeLogLikelihood, scores, classes),
};

/** Large enough to be divided among threads. */
const large: Readonly<Record<string, Training>> = {
  'a network for images': layerTraining(
    (rng) =>
      new L.Sequential(
        new L.Conv2d(3, 16, 3, { padding: 1, rng }),
        new L.BatchNorm2d(16),
        new L.ReLU(),
        new L.MaxPool2d(2),
        new L.Conv2d(16, 32, 3, { padding: 1, groups: 4, rng }),
        new L.GroupNorm(4, 32),
        new L.SiLU(),
        new L.GlobalAvgPool2d(),
        new L.Linear(32, 10, { rng }),
      ),
    [{ shape: [8, 24, 24, 3] }],
  ),
  'a network for rows': layerTraining(
    (rng) =>
      new L.Sequential(
        new L.Linear(300, 400, { rng }),
        new L.LayerNorm(400),
        new L.GELU(),
        new L.Dropout(0.5, { rng }),
        new L.Linear(400, 300, { rng }),
        new L.Softmax(),
      ),
    [{ shape: [512, 300] }],
  ),
  'a loss': lossTraining(L.losses.huber, { shape: [300, 1000] }, { shape: [300, 1000] }),
};

const classesOf = (exports: object): string[] =>
  Object.entries(exports).flatMap(([name, of]) =>
    typeof of === 'function' && typeof of.prototype?.forward === 'function' ? [name] : [],
  );

await describeCompiled(engines, layers, { needed: classesOf(L), relativeTolerance: 0 });
await describeCompiled(engines, losses, {
  needed: Object.keys(L.losses),
  relativeTolerance: 0,
});
await describeSameBits(withThreads, large);
