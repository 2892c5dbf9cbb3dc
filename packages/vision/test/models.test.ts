import { readFileSync } from 'node:fs';
import {
  ConfigError,
  createModel,
  listModels,
  memory,
  type ModelOptions,
  register,
  Rng,
  ShapeError,
  tensor,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { type Layer, losses } from '@stratajs/layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { LeNet5, Mlp, ResNet20, vision } from '../src/index.js';
import { startEngine } from './engine.js';

interface Golden {
  readonly scores: number[][];
  readonly loss: number;
  /** For each parameter, in order: the norm of its gradient, and the gradient's product with formula(size, 500). */
  readonly norms: number[];
  readonly products: number[];
  readonly evalScores: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('golden/models.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

beforeAll(async () => {
  await startEngine();
  register(vision);
});

/** As in golden/make.py: element i of the k-th tensor. */
function formula(size: number, k: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const t = Math.sin(12.9898 * i + 78.233 * k) * 43758.5453;
    return 2 * (t - Math.floor(t)) - 1;
  });
}

function fill(model: Layer): void {
  const dict: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  [...model.namedParameters()].forEach(([name, p], k) => {
    const fanIn = p.shape.length === 4 ? p.shape[0]! * p.shape[1]! * p.shape[2]! : p.shape[1]!;
    const [scale, shift] =
      p.shape.length > 1 ? [Math.sqrt(6 / fanIn), 0] : [0.1, /bn\d\.weight$/.test(name) ? 1 : 0];
    dict[name] = { shape: p.shape, data: formula(p.size, k).map((v) => v * scale! + shift!) };
  });
  model.loadStateDict(dict, { strict: false });
}

/** The largest difference, relative to the golden value or to 1, whichever is larger. */
function difference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...expected.map((e, i) => Math.abs(actual[i]! - e) / Math.max(1, Math.abs(e))));
}

// The last number says which images: golden/make.py chose them.
describe.each<[string, () => Layer, number[], number]>([
  ['mlp', () => new Mlp({ inputSize: 64, hidden: [32, 16] }), [2, 8, 8, 1], 1000],
  ['lenet5', () => new LeNet5(), [2, 28, 28, 1], 1000],
  ['resnet20', () => new ResNet20(), [2, 32, 32, 3], 1162],
])('%s', (id, create, shape, images) => {
  test('computes what the same network in PyTorch computes, gradients included', async () => {
    const g = golden[id]!;
    const model = create();
    fill(model);
    const x = tensor(
      formula(
        shape.reduce((a, b) => a * b, 1),
        images,
      ),
      shape,
    );
    const labels = tensor([3, 7], [2], 'int32');
    const before = memory().numTensors;
    const { value, grads } = valueAndGrad(
      () => losses.crossEntropy(model.forward(x), labels),
      model,
    )();
    expect(memory().numTensors).toBe(before + 1 + Object.keys(grads).length);
    expect(difference([(await value.array()) as number], [g.loss])).toBeLessThan(1e-4);
    for (const [i, gradient] of Object.values(grads).entries()) {
      const data = (await gradient.data()) as Float32Array;
      const along = formula(data.length, 500);
      const norm = Math.sqrt(data.reduce((s, v) => s + v * v, 0));
      const product = data.reduce((s, v, j) => s + v * along[j]!, 0);
      expect(Math.abs(norm / g.norms[i]! - 1)).toBeLessThan(1e-4);
      expect(Math.abs(product - g.products[i]!)).toBeLessThan(1e-4 * g.norms[i]!);
    }
    // That forward moved the running statistics once, as in the golden.
    model.eval();
    const evalScores = (await model.forward(x).array()) as number[][];
    expect(difference(evalScores.flat(), g.evalScores.flat())).toBeLessThan(1e-4);
    fill(model.train());
    const scores = (await model.forward(x).array()) as number[][];
    expect(difference(scores.flat(), g.scores.flat())).toBeLessThan(1e-4);
  });

  test('lists its parameters, and takes its example', () => {
    const entry = vision.models[id]!;
    const model = createModel(id) as Layer;
    expect(model.parameters().reduce((n, p) => n + p.size, 0)).toBe(entry.parameterCount);
    const example = entry.exampleInput(entry.options);
    expect(model.summary(example.shape).total).toBe(entry.parameterCount);
    expect(model.summary(example.shape).rows[0]!.outputShape).toEqual([2, 10]);
    expect(listModels({ task: 'classification' })).toContainEqual({
      id,
      family: 'vision',
      task: 'classification',
      parameters: entry.parameterCount,
      paper: entry.paper,
    });
  });

  test('is made alike from one seed', async () => {
    const weights = async (seed: number): Promise<unknown> =>
      (createModel(id, {}, { rng: new Rng(seed) }) as Layer).parameters()[0]!.value.array();
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(1)).not.toEqual(await weights(2));
  });
});

test('reference counts', () => {
  const counts = Object.fromEntries(listModels().map((m) => [m.id, m.parameters]));
  expect(counts).toMatchObject({ mlp: 669_706, lenet5: 61_706, resnet20: 269_722 });
  expect(createModel('resnet20', { numClasses: 100 }).namedParameters).toBeDefined();
  const wide = new ResNet20({ numClasses: 100 });
  expect(wide.parameters().reduce((n, p) => n + p.size, 0)).toBe(269_722 + 90 * 65);
});

test('options reach the model', () => {
  const shape = (id: string, options: ModelOptions, input: number[]): unknown =>
    (createModel(id, options) as Layer).forward(zeros(input)).shape;
  expect(shape('mlp', { inputSize: 6, hidden: [], numClasses: 3 }, [4, 2, 3])).toEqual([4, 3]);
  expect(shape('lenet5', { inChannels: 3, numClasses: 7 }, [1, 28, 28, 3])).toEqual([1, 7]);
  expect(shape('resnet20', { numClasses: 5 }, [2, 32, 32, 3])).toEqual([2, 5]);
});

test('wrong options and inputs', () => {
  expect(() => createModel('lenet')).toThrow(/Did you mean 'lenet5'/);
  expect(() => createModel('mlp', { hiden: [3] })).toThrow(/Did you mean 'hidden'/);
  expect(() => createModel('mlp', { hidden: [0] })).toThrow(ConfigError);
  expect(() => new Mlp({ hidden: 512 as never })).toThrow(
    /hidden of Mlp is a list.*Received: number 512/,
  );
  expect(() => createModel('resnet20', { numClasses: 0 })).toThrow(ConfigError);
  expect(() => new LeNet5().forward(zeros([2, 32, 32, 1]))).toThrow(ShapeError);
  expect(() => new LeNet5().forward(zeros([2, 32, 32, 1]))).toThrow(
    /LeNet5 expects images \[N, 28, 28, 1\]\. Received: shape \[2, 32, 32, 1\]\. Resize/,
  );
  expect(() => new ResNet20().forward(zeros([32, 32, 3]))).toThrow(/\[N, 32, 32, 3\]/);
  expect(() => new Mlp().forward(zeros([2, 28, 27, 1]))).toThrow(
    /784 features.*Layer: 'layers.1' \(Linear\) of Mlp/,
  );
});
