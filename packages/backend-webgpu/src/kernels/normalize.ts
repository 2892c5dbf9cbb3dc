/**
 * Normalization by the statistics of the data itself, and its gradient (core/src/extension/normalize-kernels.ts says what is computed),
 * for batch, layer and group norm alike.
 */
import { compositeOf } from '@stratajs/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { runShader, sizeOf } from '../shaders/program.js';
import { pairSums, type Sums } from '../shaders/sums.js';

interface View {
  readonly batch: number;
  readonly positions: number;
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
}

const composite = compositeOf('StrataNormalize');
const gradientComposite = compositeOf('StrataNormalizeGrad');

/** Of element `at`: its statistic `s`, and its `column`, of which γ and β have one element. */
const PLACE = `
  let s = at / (uniforms.positions * uniforms.groups * uniforms.channels) * uniforms.groups + at / uniforms.channels % uniforms.groups;
  let column = at % (uniforms.groups * uniforms.channels);
`;

/** Sums over what a statistic is of: element `at`, of γ's and β's `column`. */
function overGroup({
  batch,
  positions,
  groups,
  channels,
}: View): Omit<Sums, 'key' | 'inputs' | 'values'> {
  return {
    count: batch * groups,
    terms: positions * channels,
    sideBySide: channels === 1,
    ints: { positions, groups, channels },
    term: `
      let column = s % uniforms.groups * uniforms.channels + t % uniforms.channels;
      let at = (s / uniforms.groups * uniforms.positions + t / uniforms.channels) * uniforms.groups * uniforms.channels + column;
    `,
  };
}

export const normalize: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const {
    x: X,
    gamma: Gamma,
    beta: Beta,
  } = call.inputs as Record<'x' | 'gamma' | 'beta', TensorInfo>;
  if (sizeOf(X.shape) === 0) return composite(call) as TensorInfo[];
  const gpu = call.backend as WebGPUBackend;
  const { batch, positions, groups, channels, epsilon } = view;
  const numbers = { count: positions * channels };
  const perGroup = { shape: [batch * groups], dtype: 'float32' } as const;
  // A first mean, and then what it lacks. They are taken off one after the other: of a large mean the rounding alone is no small thing.
  const first = pairSums(gpu, {
    ...overGroup(view),
    key: 'normalize-sum',
    inputs: { X },
    values: ['X[at]', '0.0'],
  });
  const Rough = runShader(gpu, {
    ...perGroup,
    key: 'normalize-rough',
    inputs: { Sums: first },
    numbers,
    element: 'Sums[2 * index] / uniforms.count',
  });
  const Sums = pairSums(gpu, {
    ...overGroup(view),
    key: 'normalize-squares',
    inputs: { X, Rough },
    values: ['X[at] - Rough[s]', '(X[at] - Rough[s]) * (X[at] - Rough[s])'],
  });
  const mean = runShader(gpu, {
    ...perGroup,
    key: 'normalize-mean',
    inputs: { Sums, Rough },
    numbers,
    element: 'Rough[index] + Sums[2 * index] / uniforms.count',
  });
  const Variance = runShader(gpu, {
    ...perGroup,
    key: 'normalize-variance',
    inputs: { Sums },
    numbers,
    before: 'let off = Sums[2 * index] / uniforms.count;',
    element: 'max(Sums[2 * index + 1] / uniforms.count - off * off, 0.0)',
  });
  const y = runShader(gpu, {
    key: 'normalize',
    inputs: { X, Gamma, Beta, Rough, Sums, Variance },
    shape: X.shape,
    dtype: 'float32',
    numbers: { ...numbers, epsilon },
    ints: { positions, groups, channels },
    before: `
      let at = index;
      ${PLACE}
      let centred = (X[at] - Rough[s]) - Sums[2 * s] / uniforms.count;
    `,
    element: 'centred / sqrt(Variance[s] + uniforms.epsilon) * Gamma[column] + Beta[column]',
  });
  free(gpu, [first, Rough, Sums]);
  return [y, mean, Variance];
};

export const normalizeGradient: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const {
    x: X,
    gamma: Gamma,
    mean: Mean,
    variance: Variance,
    dy: Dy,
    dMean: DMean,
    dVariance: DVariance,
  } = call.inputs as Record<
    'x' | 'gamma' | 'mean' | 'variance' | 'dy' | 'dMean' | 'dVariance',
    TensorInfo
  >;
  if (sizeOf(X.shape) === 0) return gradientComposite(call) as TensorInfo[];
  const gpu = call.backend as WebGPUBackend;
  const { batch, positions, groups, channels, epsilon } = view;
  const numbers = { count: positions * channels, epsilon };
  const ints = { positions, groups, channels };
  const lacking = pairSums(gpu, {
    ...overGroup(view),
    key: 'normalize-lacking',
    inputs: { X, Mean },
    values: ['X[at] - Mean[s]', '0.0'],
  });
  /** Of each statistic: what is taken off the element, after the mean, and 1/σ. */
  const Centre = runShader(gpu, {
    key: 'normalize-centre',
    inputs: { Lacking: lacking, Variance },
    shape: [batch * groups, 2],
    dtype: 'float32',
    numbers,
    element: `select(
      inverseSqrt(Variance[index / 2] + uniforms.epsilon), Lacking[index] / uniforms.count, index % 2 == 0)`,
  });
  const Sums = pairSums(gpu, {
    ...overGroup(view),
    key: 'normalize-aligned',
    inputs: { X, Dy, Gamma, Mean, Centre },
    values: [
      'Gamma[column] * Dy[at]',
      'Gamma[column] * Dy[at] * ((X[at] - Mean[s]) - Centre[2 * s])',
    ],
  });
  /** Of each statistic: what dx has to do with the element, and what it has not. */
  const Line = runShader(gpu, {
    key: 'normalize-line',
    inputs: { Sums, Centre, DMean, DVariance },
    shape: [batch * groups, 2],
    dtype: 'float32',
    numbers: { count: numbers.count },
    before: `
      let s = index / 2;
      let inverse = Centre[2 * s + 1];
      let slope = (2.0 * DVariance[s] - inverse * inverse * inverse * Sums[2 * s + 1]) / uniforms.count;
      let shift = (DMean[s] - inverse * Sums[2 * s]) / uniforms.count;
    `,
    element: 'select(shift, slope, index % 2 == 0)',
  });
  const dx = runShader(gpu, {
    key: 'normalize-dx',
    inputs: { X, Dy, Gamma, Mean, Centre, Line },
    shape: X.shape,
    dtype: 'float32',
    ints,
    before: `
      let at = index;
      ${PLACE}
      let centred = (X[at] - Mean[s]) - Centre[2 * s];
    `,
    element: 'Gamma[column] * Dy[at] * Centre[2 * s + 1] + centred * Line[2 * s] + Line[2 * s + 1]',
  });
  const columns = groups * channels;
  const ofColumns = pairSums(gpu, {
    key: 'normalize-columns',
    inputs: { X, Dy, Mean, Centre },
    count: columns,
    terms: batch * positions,
    sideBySide: true,
    ints,
    term: `
      let column = s;
      let at = t * uniforms.groups * uniforms.channels + column;
      let g = t / uniforms.positions * uniforms.groups + column / uniforms.channels;
    `,
    values: ['Dy[at]', 'Dy[at] * ((X[at] - Mean[g]) - Centre[2 * g]) * Centre[2 * g + 1]'],
  });
  const [dBeta, dGamma] = ['0', '1'].map((which) =>
    runShader(gpu, {
      key: `normalize-column-${which}`,
      inputs: { Sums: ofColumns },
      shape: Gamma.shape,
      dtype: 'float32',
      element: `Sums[2 * index + ${which}]`,
    }),
  ) as [TensorInfo, TensorInfo];
  free(gpu, [lacking, Centre, Sums, Line, ofColumns]);
  return [dx, dGamma, dBeta];
};

function free(gpu: WebGPUBackend, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) gpu.disposeData(dataId);
}
