/**
 * Normalization of every channel by the statistics of all positions, as batch norm does it (core/src/extension/normalize-kernels.ts says
 * what is computed). Other views, such as layer norm's, go to core's composite.
 */
import { compositeOf } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { columnSums, fromSums } from './column-sums.js';
import { insideOf, runShader } from './program.js';

type Named = Readonly<Record<string, TensorInfo>>;

interface View {
  readonly batch: number;
  readonly positions: number;
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
}

const composite = compositeOf('StrataNormalize');
const gradientComposite = compositeOf('StrataNormalizeGrad');

export const normalize: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const { x, gamma, beta } = call.inputs as Record<'x' | 'gamma' | 'beta', TensorInfo>;
  if (!isPerChannel(view, x)) return composite(call) as TensorInfo[];
  const gpu = call.backend as MathBackendWebGL;
  const of = { rows: view.positions, columns: view.groups, wide: { X: x } };
  const numbers = { count: view.positions };
  // A first mean, and then what it lacks. They are taken off one after the other: of a large mean the rounding alone is no small thing.
  const rough = columnSums(gpu, { ...of, perColumn: {}, terms: ['flatX(at)', '0.0'] });
  const Rough = fromSums(gpu, rough, 'first / count', {}, numbers);
  const centred = 'flatX(at) - getRough(column)';
  const sums = columnSums(gpu, {
    ...of,
    perColumn: { Rough },
    terms: [centred, `(${centred}) * (${centred})`],
  });
  const Off = fromSums(gpu, sums, 'first / count', {}, numbers);
  const mean = fromSums(gpu, sums, 'getRough(column) + first / count', { Rough }, numbers);
  const variance = fromSums(
    gpu,
    sums,
    'max(second / count - (first / count) * (first / count), 0.0)',
    {},
    numbers,
  );
  const y = perChannel(
    gpu,
    { X: x },
    { Gamma: gamma, Beta: beta, Rough, Off, Variance: variance },
    '((x - rough) - off) / sqrt(variance + epsilon) * gamma + beta',
    { epsilon: view.epsilon },
  );
  free(gpu, [rough, Rough, sums, Off]);
  return [y, mean, variance];
};

export const normalizeGradient: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const { x, gamma, mean, variance, dy, dMean, dVariance } = call.inputs as Named as Record<
    'x' | 'gamma' | 'mean' | 'variance' | 'dy' | 'dMean' | 'dVariance',
    TensorInfo
  >;
  if (!isPerChannel(view, x)) return gradientComposite(call) as TensorInfo[];
  const gpu = call.backend as MathBackendWebGL;
  const { epsilon, positions: count, groups: columns } = view;
  const numbers = { count };
  const lacking = columnSums(gpu, {
    rows: count,
    columns,
    wide: { X: x },
    perColumn: { Mean: mean },
    terms: ['flatX(at) - getMean(column)', '0.0'],
  });
  const Off = fromSums(gpu, lacking, 'first / count', {}, numbers);
  const sums = columnSums(gpu, {
    rows: count,
    columns,
    wide: { X: x, Dy: dy },
    perColumn: { Mean: mean },
    terms: ['flatDy(at)', 'flatDy(at) * (flatX(at) - getMean(column))'],
  });
  const dBeta = fromSums(gpu, sums, 'first');
  const dGamma = fromSums(
    gpu,
    sums,
    '(second - first * getOff(column)) / sqrt(getVariance(column) + epsilon)',
    { Variance: variance, Off },
    { epsilon },
  );
  const dx = perChannel(
    gpu,
    { X: x, Dy: dy },
    {
      Gamma: gamma,
      Mean: mean,
      Off,
      Variance: variance,
      DBeta: dBeta,
      DGamma: dGamma,
      DMean: dMean,
      DVariance: dVariance,
    },
    `gamma * (dy - dBeta / count) / sqrt(variance + epsilon)
      + ((x - mean) - off) / count * (2.0 * dVariance - gamma * dGamma / (variance + epsilon))
      + dMean / count`,
    { epsilon, count },
  );
  free(gpu, [lacking, Off, sums]);
  return [dx, dGamma, dBeta];
};

/** Whether every channel, the last axis, is normalized over all positions. */
function isPerChannel({ batch, groups, channels, positions }: View, x: TensorInfo): boolean {
  const rank = x.shape.length;
  return (
    batch === 1 &&
    channels === 1 &&
    positions > 0 &&
    x.shape[rank - 1] === groups &&
    rank > 1 &&
    rank <= 4
  );
}

/** An expression of images and of one number for each channel, four elements at a time. */
function perChannel(
  gpu: MathBackendWebGL,
  images: Named,
  channels: Named,
  expression: string,
  numbers: Readonly<Record<string, number>>,
): TensorInfo {
  const [{ shape }] = Object.values(images) as [TensorInfo];
  const variable = (name: string): string => `${name[0]!.toLowerCase()}${name.slice(1)}`;
  const channel = `rc.${'xyzw'[shape.length - 1]}`;
  return runShader(
    gpu,
    {
      inputs: [...Object.keys(images), ...Object.keys(channels)],
      shape,
      dtype: 'float32',
      packed: 'everywhere',
      uniforms: Object.fromEntries(Object.keys(numbers).map((name) => [name, 'float'])),
      code: `
        ${insideOf(shape)}
        void main() {
          ivec${shape.length} rc = getOutputCoords();
          ${Object.keys(images)
            .map((name) => `vec4 ${variable(name)} = get${name}AtOutCoords();`)
            .join('\n')}
          ${Object.keys(channels)
            .map((name) => `vec4 ${variable(name)} = get${name}(${channel}).xyxy;`)
            .join('\n')}
          setOutput(mix(vec4(0.0), ${expression}, inside()));
        }
      `,
    },
    [...Object.values(images), ...Object.values(channels)],
    Object.values(numbers).map((value) => [value]),
  );
}

function free(gpu: MathBackendWebGL, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) gpu.disposeData(dataId);
}
