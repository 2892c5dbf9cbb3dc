import { cpu, type Isa } from '@stratajs/backend-cpu';
import {
  describeCompiled,
  describeSameBits,
  optimizerTraining,
  type Training,
} from '@stratajs/conformance';
import * as O from '../src/index.js';

const engines = [
  ...(['avx512', 'avx2', 'neon', 'generic'] satisfies Isa[]).map((isa) =>
    cpu({ tier: 'native', isa }),
  ),
  cpu({ tier: 'wasm' }),
  cpu({ tier: 'javascript' }),
];

const { schedules } = O;
const learningRate = 0.05;
const scheduled = (schedule: O.Schedule): Training =>
  optimizerTraining((p) => new O.SGD(p, { learningRate, momentum: 0.9 }), { schedule });
const adam = (parameters: O.Parameters): O.Adam => new O.Adam(parameters, { learningRate });

const trainings: Readonly<Record<string, Training>> = {
  SGD: optimizerTraining((p) => new O.SGD(p, { learningRate })),
  'SGD, with momentum': optimizerTraining((p) => new O.SGD(p, { learningRate, momentum: 0.9 })),
  'SGD, with all there is': optimizerTraining(
    (p) => new O.SGD(p, { learningRate, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  ),
  Adam: optimizerTraining(adam),
  'Adam, with weight decay': optimizerTraining(
    (p) => new O.Adam(p, { learningRate, weightDecay: 0.01 }),
  ),
  AdamW: optimizerTraining((p) => new O.AdamW(p, { learningRate })),
  clipByGlobalNorm: optimizerTraining(adam, { transform: (g) => O.clipByGlobalNorm(g, 0.1) }),
  clipByValue: optimizerTraining(adam, { transform: (g) => O.clipByValue(g, -1e-3, 1e-3) }),
  constant: scheduled(schedules.constant(0.1)),
  cosine: scheduled(schedules.cosine({ initial: 0.1, totalSteps: 6 })),
  exponential: scheduled(schedules.exponential({ initial: 0.1, gamma: 0.5 })),
  oneCycle: scheduled(schedules.oneCycle({ maxLearningRate: 0.2, totalSteps: 8 })),
  step: scheduled(schedules.step({ initial: 0.1, stepSize: 2, gamma: 0.5 })),
  warmup: scheduled(schedules.warmup({ steps: 3, after: schedules.constant(0.1) })),
};

const functions = Object.entries(O).flatMap(([name, of]) =>
  typeof of === 'function' ? [name] : [],
);

await describeCompiled(engines, trainings, {
  needed: [...functions, ...Object.keys(schedules)],
  relativeTolerance: 0,
});
await describeSameBits(
  [1, 2, 4].map((threads) => cpu({ tier: 'native', threads })),
  trainings,
);
