/** Rows of attention's scores, as its kernels read them: scaled, and masked in passing (core/src/extension/attention-scores.ts). */
import { batchedProduct, maskPlace, type Transposes } from '@stratajs/core/mends';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { NAME } from '../name.js';
import { runShader, type Shader, sizeOf } from '../shaders/program.js';

export interface Queries {
  readonly q: TensorInfo;
  readonly k: TensorInfo;
  readonly mask: TensorInfo;
  readonly lengths: TensorInfo;
}

export interface AttentionAttributes {
  readonly causal: boolean;
  readonly scale: number;
}

/** What a program needs that calls `score()`. */
type Reading = Required<Pick<Shader, 'key' | 'inputs' | 'numbers' | 'ints' | 'declarations'>>;

export interface Scores {
  /** [matrices, L, S], neither scaled nor masked. */
  readonly raw: TensorInfo;
  /** [matrices, L, 2]: of each row the largest score that is seen, and Σ e^(score − largest). */
  readonly rows: TensorInfo;
  readonly reading: Reading;
}

export function fits({ q, k, mask }: Queries): boolean {
  const filled = sizeOf(q.shape) > 0 && sizeOf(k.shape) > 0;
  return filled && maskPlace(mask.shape, q.shape.slice(0, -2)) !== null;
}

/** The caller frees `raw` and `rows`. */
export function scoresOf(
  gpu: WebGPUBackend,
  { q, k, mask, lengths }: Queries,
  { causal, scale }: AttentionAttributes,
): Scores {
  const [height, width] = [q.shape.at(-2)!, k.shape.at(-2)!];
  const raw = multiply(gpu, q, k, { transposeB: true });
  const masked = sizeOf(mask.shape) > 0;
  const padded = sizeOf(lengths.shape) > 0;
  const kind = masked ? (mask.dtype as 'bool' | 'float32') : null;
  const reading = {
    key: `attention-${kind}-${padded}`,
    inputs: {
      Scores: raw,
      ...(masked ? { Mask: mask } : {}),
      ...(padded ? { Lengths: lengths } : {}),
    },
    numbers: { scale },
    ints: {
      height,
      width,
      causal: Number(causal),
      ...(masked ? maskInts(mask, q) : {}),
      ...(padded ? { perLength: matricesOf(q) / lengths.shape[0]! } : {}),
    },
    declarations: declarations(kind, padded),
  };
  const rows = runShader(gpu, {
    ...reading,
    key: `${reading.key}-rows`,
    shape: [matricesOf(q), height, 2],
    dtype: 'float32',
    before: `
      let m = index / 2 / uniforms.height;
      let row = index / 2 % uniforms.height;
      var most = -3.402823e38;
      for (var column = 0; column < uniforms.width; column = column + 1) {
        if (seen(m, row, column)) { most = max(most, score(m, row, column)); }
      }
      var sum = 0.0;
      if (index % 2 == 1) {
        for (var column = 0; column < uniforms.width; column = column + 1) {
          if (seen(m, row, column)) { sum = sum + exp(score(m, row, column) - most); }
        }
      }
    `,
    element: 'select(sum, most, index % 2 == 0)',
  });
  return { raw, rows, reading };
}

/** `seen(matrix, row, column)`, and `score()` of what is. */
function declarations(mask: 'bool' | 'float32' | null, padded: boolean): string {
  const tests = [
    'uniforms.causal == 0 || column <= row',
    ...(padded ? ['column < Lengths[m / uniforms.perLength]'] : []),
    ...(mask === 'bool' ? ['Mask[maskAt(m, row, column)] != 0'] : []),
    ...(mask === 'float32' ? ['bitcast<u32>(Mask[maskAt(m, row, column)]) != 0xff800000u'] : []),
  ];
  return `
    ${mask === null ? '' : MASK}
    fn seen(m : i32, row : i32, column : i32) -> bool {
      return ${tests.map((test) => `(${test})`).join(' && ')};
    }
    fn score(m : i32, row : i32, column : i32) -> f32 {
      let product = Scores[(m * uniforms.height + row) * uniforms.width + column];
      return product * uniforms.scale ${mask === 'float32' ? '+ Mask[maskAt(m, row, column)]' : ''};
    }
  `;
}

/** Of an axis that the mask is broadcast along the stride is 0. */
const MASK = `
  fn maskAt(m : i32, row : i32, column : i32) -> i32 {
    var at = row * uniforms.rowStride + column;
    var rest = m;
    ${[3, 2, 1, 0]
      .map(
        (axis) => `
          at = at + rest % uniforms.axis${axis} * uniforms.stride${axis};
          rest = rest / uniforms.axis${axis};
        `,
      )
      .join('')}
    return at;
  }
`;

function maskInts(mask: TensorInfo, q: TensorInfo): Record<string, number> {
  const { axes, strides, rowStride } = maskPlace(mask.shape, q.shape.slice(0, -2))!;
  return Object.fromEntries([
    ...axes.map((size, axis) => [`axis${axis}`, size]),
    ...strides.map((stride, axis) => [`stride${axis}`, stride]),
    ['rowStride', rowStride],
  ]);
}

/** The products of the last two axes, [matrices, …, …]. */
export function multiply(
  gpu: WebGPUBackend,
  a: TensorInfo,
  b: TensorInfo,
  transposes?: Transposes,
): TensorInfo {
  return batchedProduct(NAME, gpu, a, b, transposes);
}

export function matricesOf(x: TensorInfo): number {
  return sizeOf(x.shape.slice(0, -2));
}
