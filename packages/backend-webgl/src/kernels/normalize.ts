/**
 * Normalization by the statistics of the data itself, and its gradient (core/src/extension/normalize-kernels.ts says what is computed):
 * of every channel over all positions, as batch norm does it, and of every row, as layer norm does. Other views go to core's composite.
 */
import { compositeOf } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { columnSums, fromSums } from '../shaders/column-sums.js';
import { free } from '../shaders/layout.js';
import { overLines } from '../shaders/over-lines.js';
import { sizeOf } from '../shaders/program.js';
import { rowStatistics } from '../shaders/row-statistics.js';

interface View {
  readonly batch: number;
  readonly positions: number;
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
}

type Inputs = Readonly<Record<'x' | 'gamma' | 'beta', TensorInfo>>;
type GradientInputs = Readonly<
  Record<'x' | 'gamma' | 'mean' | 'variance' | 'dy' | 'dMean' | 'dVariance', TensorInfo>
>;

const composite = compositeOf('StrataNormalize');
const gradientComposite = compositeOf('StrataNormalizeGrad');

export const normalize: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const inputs = call.inputs as unknown as Inputs;
  const gpu = call.backend as MathBackendWebGL;
  if (isPerColumn(view, inputs.x)) return normalizeColumns(gpu, inputs, view);
  if (isPerRow(view, inputs.x)) return normalizeRows(gpu, inputs, view);
  return composite(call) as TensorInfo[];
};

export const normalizeGradient: KernelFunc = (call) => {
  const view = call.attrs as unknown as View;
  const inputs = call.inputs as unknown as GradientInputs;
  const gpu = call.backend as MathBackendWebGL;
  if (isPerColumn(view, inputs.x)) return columnsGradient(gpu, inputs, view);
  if (isPerRow(view, inputs.x)) return rowsGradient(gpu, inputs, view);
  return gradientComposite(call) as TensorInfo[];
};

/** Whether every channel, the last axis, is normalized over all positions. */
function isPerColumn({ batch, groups, channels }: View, { shape }: TensorInfo): boolean {
  const fits = batch === 1 && channels === 1 && shape.at(-1) === groups;
  return fits && shape.length > 1 && sizeOf(shape) > 0;
}

/** Whether every row, along the last axis, is normalized by itself. */
function isPerRow({ positions, groups, channels }: View, { shape }: TensorInfo): boolean {
  const fits = positions === 1 && groups === 1 && shape.at(-1) === channels;
  return fits && shape.length > 1 && sizeOf(shape) > 0;
}

// A first mean, and then what it lacks. They are taken off one after the other: of a large mean the rounding alone is no small thing.
const NORMALIZED = '((x - rough) - off) / sqrt(variance + epsilon) * gamma + beta';
const SLOPED = 'gamma * dy * inverse + ((x - mean) - off) * slope + shift';

function normalizeColumns(
  gpu: MathBackendWebGL,
  { x, gamma, beta }: Inputs,
  { positions: count, epsilon }: View,
): TensorInfo[] {
  const numbers = { count };
  const wide = { x };
  const { rough } = fromSums(
    gpu,
    columnSums(gpu, { wide }, ['x']),
    { rough: 'first / count' },
    { numbers },
  );
  const sums = columnSums(gpu, { wide, perColumn: { rough } }, [
    'x - rough',
    '(x - rough) * (x - rough)',
  ]);
  const { off, mean, variance } = fromSums(
    gpu,
    sums,
    {
      off: 'first / count',
      mean: 'rough + first / count',
      variance: 'max(second / count - (first / count) * (first / count), vec4(0.0))',
    },
    { perColumn: { rough }, numbers },
  );
  const perColumn = { gamma, beta, rough, off, variance };
  const y = overLines(gpu, { wide, perColumn, numbers: { epsilon } }, NORMALIZED);
  free(gpu, [rough, off]);
  return [y, mean, variance];
}

function columnsGradient(
  gpu: MathBackendWebGL,
  { x, gamma, mean, variance, dy, dMean, dVariance }: GradientInputs,
  { positions: count, epsilon }: View,
): TensorInfo[] {
  const lacking = columnSums(gpu, { wide: { x }, perColumn: { mean } }, ['x - mean']);
  const { off, inverse } = fromSums(
    gpu,
    lacking,
    { off: 'first / count', inverse: '1.0 / sqrt(variance + epsilon)' },
    { perColumn: { variance }, numbers: { count, epsilon } },
  );
  const sums = columnSums(gpu, { wide: { x, dy }, perColumn: { mean, off } }, [
    'dy',
    'dy * ((x - mean) - off)',
  ]);
  const { dBeta, dGamma, slope, shift } = fromSums(
    gpu,
    sums,
    {
      dBeta: 'first',
      dGamma: 'second * inverse',
      slope: '(2.0 * dVariance - inverse * inverse * inverse * gamma * second) / count',
      shift: '(dMean - inverse * gamma * first) / count',
    },
    { perColumn: { gamma, inverse, dMean, dVariance }, numbers: { count } },
  );
  const perColumn = { gamma, mean, off, inverse, slope, shift };
  const dx = overLines(gpu, { wide: { x, dy }, perColumn }, SLOPED);
  free(gpu, [off, inverse, slope, shift]);
  return [dx, dGamma, dBeta];
}

function normalizeRows(
  gpu: MathBackendWebGL,
  { x, gamma, beta }: Inputs,
  { channels: count, epsilon }: View,
): TensorInfo[] {
  const { rough, off, mean, variance } = rowStatistics(
    gpu,
    { wide: { x }, numbers: { count } },
    {
      declarations: 'float sum = 0.0; float lacking = 0.0; float squares = 0.0;',
      passes: [
        'sum += x.x + x.y;',
        'vec2 d = x - sum; if (!both) d.y = 0.0; lacking += d.x + d.y; squares += dot(d, d);',
      ],
      between: ['sum = sum / count;', 'lacking = lacking / count;'],
      results: {
        rough: 'sum',
        off: 'lacking',
        mean: 'sum + lacking',
        variance: 'max(squares / count - lacking * lacking, 0.0)',
      },
    },
  );
  const y = overLines(
    gpu,
    {
      wide: { x },
      perColumn: { gamma, beta },
      perRow: { rough, off, variance },
      numbers: { epsilon },
    },
    NORMALIZED,
  );
  free(gpu, [rough, off]);
  return [y, mean, variance];
}

function rowsGradient(
  gpu: MathBackendWebGL,
  { x, gamma, mean, variance, dy, dMean, dVariance }: GradientInputs,
  { channels: count, epsilon }: View,
): TensorInfo[] {
  const wide = { x, dy };
  const { off, inverse, slope, shift } = rowStatistics(
    gpu,
    {
      wide,
      perColumn: { gamma },
      perRow: { mean, variance, dMean, dVariance },
      numbers: { count, epsilon },
    },
    {
      declarations: 'float lacking = 0.0; float scaled = 0.0; float aligned = 0.0;',
      passes: [
        'lacking += x.x - mean + (both ? x.y - mean : 0.0);',
        'vec2 s = gamma * dy; scaled += s.x + s.y; aligned += dot(s, (x - mean) - lacking);',
      ],
      between: ['lacking = lacking / count;', 'float inverse = 1.0 / sqrt(variance + epsilon);'],
      results: {
        off: 'lacking',
        inverse: 'inverse',
        slope: '(2.0 * dVariance - inverse * inverse * inverse * aligned) / count',
        shift: '(dMean - inverse * scaled) / count',
      },
    },
  );
  const dx = overLines(
    gpu,
    { wide, perColumn: { gamma }, perRow: { mean, off, inverse, slope, shift } },
    SLOPED,
  );
  const sums = columnSums(gpu, { wide, perRow: { mean, off, inverse } }, [
    'dy',
    'dy * ((x - mean) - off) * inverse',
  ]);
  const { dBeta, dGamma } = fromSums(gpu, sums, { dBeta: 'first', dGamma: 'second' });
  free(gpu, [off, inverse, slope, shift]);
  return [dx, dGamma, dBeta];
}
