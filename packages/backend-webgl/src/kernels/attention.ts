/**
 * Attention and its gradient (core/src/extension/attention-kernels.ts says what is computed): products of matrices, and between them
 * scaling, masks and softmax in two programs, where core's composite takes one for each step.
 */
import { compositeOf } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import {
  type AttentionAttributes,
  fits,
  matricesOf,
  multiply,
  type Queries,
  scoresOf,
} from './attention-scores.js';
import { runFragment } from '../shaders/fragment.js';
import { free, laidOut } from '../shaders/layout.js';

type Inputs = Queries & Readonly<Record<'v' | 'y' | 'dy', TensorInfo>>;

const composite = compositeOf('StrataAttention');
const gradientComposite = compositeOf('StrataAttentionGrad');

export const attention: KernelFunc = (call) => {
  const inputs = call.inputs as unknown as Inputs;
  if (!fits(inputs)) return composite(call) as TensorInfo[];
  const gpu = call.backend as MathBackendWebGL;
  const scores = scoresOf(gpu, inputs, call.attrs as unknown as AttentionAttributes);
  const { q, v } = inputs;
  const [weights] = runFragment(gpu, {
    ...scores.reading,
    textures: { ...scores.reading.textures, top: scores.top, total: scores.total },
    results: { weights: scores.raw },
    packed: true,
    code: `
      ${scores.reading.code}
      ${WEIGHT}
      ${eachElement('four[i] = weight(m, row, column);', 'weights = four;')}
    `,
  });
  const y = multiply(gpu, weights!, v);
  scores.free();
  free(gpu, [weights!]);
  const leading = q.shape.slice(0, -1);
  return [
    { ...y, shape: [...leading, v.shape.at(-1)!] },
    { ...scores.logSumExp, shape: leading },
  ];
};

export const attentionGradient: KernelFunc = (call) => {
  const inputs = call.inputs as unknown as Inputs;
  if (!fits(inputs)) return gradientComposite(call) as TensorInfo[];
  const gpu = call.backend as MathBackendWebGL;
  const scores = scoresOf(gpu, inputs, call.attrs as unknown as AttentionAttributes);
  const { q, k, v, y, dy } = inputs;
  const dWeights = laidOut(gpu, multiply(gpu, dy, v, { transposeB: true }), 4);
  const mean = meanSlope(gpu, y, dy);
  const [weights, dScores] = runFragment(gpu, {
    ...scores.reading,
    textures: {
      ...scores.reading.textures,
      top: scores.top,
      total: scores.total,
      slopes: dWeights,
      mean,
    },
    results: { weights: scores.raw, dScores: scores.raw },
    packed: true,
    code: `
      ${scores.reading.code}
      ${WEIGHT}
      ${eachElement(
        `
          four[i] = weight(m, row, column);
          slope[i] = scale * four[i] * (slope[i] - texelAt(mean, m * matrix.x + row).x);
        `,
        'weights = four; dScores = mix(vec4(0.0), slope, inside());',
        'vec4 slope = texelHere(slopes);',
      )}
    `,
  });
  const of = (x: TensorInfo, gradient: TensorInfo): TensorInfo => ({ ...gradient, shape: x.shape });
  const gradients = [
    of(q, multiply(gpu, dScores!, k)),
    of(k, multiply(gpu, dScores!, q, { transposeA: true })),
    of(v, multiply(gpu, weights!, dy, { transposeA: true })),
  ];
  scores.free();
  free(gpu, [scores.logSumExp, dWeights, mean, weights!, dScores!]);
  return gradients;
};

/** `weight()` of an element, 0 where it is not seen. */
const WEIGHT = `
  float weight(int m, int row, int column) {
    if (!seen(m, row, column)) return 0.0;
    int r = m * matrix.x + row;
    return exp(score(m, row, column) - texelAt(top, r).x) / texelAt(total, r).x;
  }
`;

/** main() of a program over the elements `i` of a texel of the scores, which stand in `row` and `column` of matrix `m`. */
function eachElement(element: string, last: string, first: string = ''): string {
  return `
    void main() {
      ivec2 halves = (matrix + 1) / 2;
      int m = texel() / (halves.x * halves.y);
      bvec4 has = inside();
      vec4 four = vec4(0.0);
      ${first}
      for (int i = 0; i < 4; i++) {
        if (!has[i]) continue;
        int row = texel() / halves.y % halves.x * 2 + i / 2;
        int column = texel() % halves.y * 2 + i % 2;
        ${element}
      }
      ${last}
    }
  `;
}

/** [matrices, L]: Σ dy∘y of each row, what its weights' slopes are on the mean. */
function meanSlope(gpu: MathBackendWebGL, y: TensorInfo, dy: TensorInfo): TensorInfo {
  const [rows, columns] = y.shape.slice(-2) as [number, number];
  const [one, other] = [laidOut(gpu, y, 1), laidOut(gpu, dy, 1)];
  const [mean] = runFragment(gpu, {
    textures: { y: one, dy: other },
    ints: { columns: [columns] },
    results: { mean: { shape: [matricesOf(y), rows], dtype: 'float32' } },
    packed: false,
    code: `
      void main() {
        float sum = 0.0;
        for (int i = texel() * columns; i < (texel() + 1) * columns; i++) sum += texelAt(y, i).x * texelAt(dy, i).x;
        mean = vec4(sum);
      }
    `,
  });
  free(gpu, [one, other], [y, dy]);
  return mean!;
}
