/**
 * An engine's own kernels against core's composites, on shapes large and odd enough for an engine to lay them out in several ways: of inputs
 * that come from the host, and of those that it computed itself.
 */
import {
  type BackendPlugin,
  compositeOf,
  dispose,
  exp,
  mul,
  Rng,
  tensor,
  type Tensor,
  use,
} from '@stratajs/core';
import { engine, getKernel } from '@tensorflow/tfjs-core';

export interface Differences {
  readonly compared: number;
  /** Largest difference of what differs, in parts of the result's largest element. */
  readonly differing: Readonly<Record<string, number>>;
}

interface Call {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attrs: object;
}

/** Rows, and before them images. */
const SHAPES = [
  [3, 20_001],
  [20_001, 3],
  [1, 33_001],
  [200, 14, 14, 3],
  [5, 129, 67],
  [2, 3, 4, 5, 6, 7],
] as const;

/** Wrong places give errors of the order of 1; sums of many terms of both signs are this exact in any order. */
const TOLERANCE = 1e-3;

export async function compareOwn(plugin: BackendPlugin): Promise<Differences> {
  const { name } = await use(plugin);
  const differing: Record<string, number> = {};
  let compared = 0;
  for (const shape of SHAPES) {
    const made = engine().tidy(() => {
      const calls = callsOf(shape).filter(({ kernel }) => getKernel(kernel, name) !== undefined);
      const results = calls.map(({ kernel, inputs, attrs }) => {
        const own = engine().runKernel(kernel, inputs as never, attrs as never);
        const expected = compositeOf(kernel)({ inputs, attrs, backend: engine().backend } as never);
        return [own, expected].map((r) => [r].flat() as unknown as Tensor[]) as [
          Tensor[],
          Tensor[],
        ];
      });
      return calls.map(({ kernel }, i) => ({ kernel, results: results[i]! })) as never;
    }) as unknown as { kernel: string; results: [Tensor[], Tensor[]] }[];
    for (const { kernel, results } of made) {
      const [own, expected] = await Promise.all(results.map((r) => Promise.all(r.map(valuesOf))));
      compared++;
      const error = Math.max(...own!.map((values, i) => difference(values, expected![i]!)));
      if (!(error <= TOLERANCE)) differing[`${kernel} ${shape.join('x')}`] = error;
    }
    dispose(made.map(({ results }) => results));
  }
  return { compared, differing };
}

function callsOf(shape: readonly number[]): Call[] {
  const rng = new Rng(5);
  const size = shape.reduce((a, b) => a * b, 1);
  const channels = shape.at(-1)!;
  const rows = size / channels;
  const host = (of: readonly number[] = shape): Tensor =>
    tensor(
      rng.uniformArray(
        of.reduce((a, b) => a * b, 1),
        { min: -1 },
      ),
      of,
    );
  const computed = (of: readonly number[] = shape): Tensor => exp(host(of));
  const [x, g, p] = [host(), computed(), host()];
  const draw = { key: [1, 2], counter: [3, 4, 5, 6] };
  const normalized = (view: object, columns: number): Call => ({
    kernel: 'StrataNormalize',
    inputs: { x, gamma: computed([columns]), beta: host([columns]) },
    attrs: { ...view, epsilon: 1e-3 },
  });
  const perRow = { batch: rows, positions: 1, groups: 1, channels };
  const perChannel = { batch: 1, positions: rows, groups: channels, channels: 1 };
  const gradient = (view: typeof perRow): Call => ({
    kernel: 'StrataNormalizeGrad',
    inputs: {
      x,
      gamma: host([channels]),
      mean: host([view.batch * view.groups]),
      variance: computed([view.batch * view.groups]),
      dy: g,
      dMean: computed([view.batch * view.groups]),
      dVariance: host([view.batch * view.groups]),
    },
    attrs: { ...view, epsilon: 1e-3 },
  });
  const logits = { logits: host([rows, channels]), labels: labelsOf(rows, channels) };
  const moments = {
    m0: mul(computed(), 0.1),
    v0: mul(computed(), 0.1),
    step: tensor(3, [], 'int32'),
  };
  return [
    { kernel: 'StrataRandomUniform', inputs: {}, attrs: { shape, min: -1, max: 2, draw } },
    { kernel: 'StrataRandomInt', inputs: {}, attrs: { shape, min: -5, max: 99, draw } },
    { kernel: 'StrataRandomNormal', inputs: {}, attrs: { shape, mean: 1, std: 2, draw } },
    { kernel: 'StrataDropout', inputs: { x }, attrs: { rate: 0.3, draw } },
    { kernel: 'StrataReluGrad', inputs: { dy: g, y: x }, attrs: {} },
    normalized(perRow, channels),
    normalized(perChannel, channels),
    gradient(perRow),
    gradient(perChannel),
    { kernel: 'StrataSoftmaxCrossEntropy', inputs: logits, attrs: { labelSmoothing: 0.1 } },
    {
      kernel: 'StrataSoftmaxCrossEntropyGrad',
      inputs: { ...logits, dy: computed([rows]) },
      attrs: { labelSmoothing: 0.1 },
    },
    {
      kernel: 'StrataSgdUpdate',
      inputs: { p0: p, g0: g, v0: host() },
      attrs: { count: 1, nesterov: true, momentum: 0.9, learningRate: 0.1, weightDecay: 0.01 },
    },
    {
      kernel: 'StrataAdamUpdate',
      inputs: { p0: p, g0: g, ...moments },
      attrs: {
        count: 1,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-8,
        learningRate: 0.1,
        weightDecay: 0.01,
        decoupled: true,
      },
    },
    {
      kernel: 'StrataAverageUpdate',
      inputs: { a0: p, x0: g },
      attrs: { scales: [0.5], weight: 0.1 },
    },
    { kernel: 'StrataFirstNonFinite', inputs: { x0: x, x1: g }, attrs: { count: 2 } },
  ];
}

function labelsOf(rows: number, classes: number): Tensor {
  return tensor(Int32Array.from({ length: rows }, (_, i) => (7 * i) % classes));
}

async function valuesOf(t: Tensor): Promise<Float32Array> {
  return (await t.data()) as Float32Array;
}

function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let [most, greatest] = [0, 1e-9];
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs(a[i]! - b[i]!);
    if (!(error <= most)) most = error;
    greatest = Math.max(greatest, Math.abs(b[i]!));
  }
  return most / greatest;
}
