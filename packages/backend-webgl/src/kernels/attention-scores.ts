/** Rows of attention's scores, as its kernels read them: scaled, and masked in passing (core/src/extension/attention-scores.ts). */
import { batchedProduct, maskPlace, type Transposes } from '@stratajs/core/mends';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { NAME } from '../name.js';
import { type Fragment, runFragment } from '../shaders/fragment.js';
import { free, laidOut } from '../shaders/layout.js';
import { sizeOf } from '../shaders/program.js';

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

/** [matrices, L, S] scores, and [matrices, L] of what each row's softmax needs: the largest score that is seen, and Σ e^(score − largest). */
export interface Scores {
  readonly raw: TensorInfo;
  readonly top: TensorInfo;
  readonly total: TensorInfo;
  readonly logSumExp: TensorInfo;
  /** What a program needs that calls `score()`. */
  readonly reading: Required<Pick<Fragment, 'textures' | 'floats' | 'ints'>> & {
    readonly code: string;
  };
  free(): void;
}

export function fits({ q, k, mask }: Queries): boolean {
  const filled = sizeOf(q.shape) > 0 && sizeOf(k.shape) > 0;
  return filled && maskPlace(mask.shape, q.shape.slice(0, -2)) !== null;
}

export function scoresOf(
  gpu: MathBackendWebGL,
  { q, k, mask, lengths }: Queries,
  { causal, scale }: AttentionAttributes,
): Scores {
  const [rows, columns] = [q.shape.at(-2)!, k.shape.at(-2)!];
  const product = laidOut(gpu, multiply(gpu, q, k, { transposeB: true }), 4);
  const masked = sizeOf(mask.shape) > 0;
  const padded = sizeOf(lengths.shape) > 0;
  const place = maskPlace(mask.shape, q.shape.slice(0, -2))!;
  const given = { ...(masked ? { mask } : {}), ...(padded ? { lengths } : {}) };
  const laid = Object.entries(given).map(([name, x]) => [name, laidOut(gpu, x, 1)] as const);
  const reading = {
    textures: { scores: product, ...Object.fromEntries(laid) },
    floats: { scale },
    ints: {
      matrix: [rows, columns],
      causal: [Number(causal)],
      ...(masked
        ? { maskAxes: place.axes, maskStrides: place.strides, rowStride: [place.rowStride] }
        : {}),
      ...(padded ? { perLength: [matricesOf(q) / lengths.shape[0]!] } : {}),
    },
    code: READING(masked ? (mask.dtype as 'bool' | 'float32') : null, padded),
  };
  const shape = [matricesOf(q), rows];
  const statistic = { shape, dtype: 'float32' } as const;
  const [top, total, logSumExp] = runFragment(gpu, {
    ...reading,
    results: { top: statistic, total: statistic, logSumExp: statistic },
    packed: false,
    code: `
      ${reading.code}
      void main() {
        int m = texel() / matrix.x;
        int row = texel() % matrix.x;
        float most = -3.402823e38;
        for (int column = 0; column < matrix.y; column++) {
          if (seen(m, row, column)) most = max(most, score(m, row, column));
        }
        float sum = 0.0;
        for (int column = 0; column < matrix.y; column++) {
          if (seen(m, row, column)) sum += exp(score(m, row, column) - most);
        }
        top = vec4(most);
        total = vec4(sum);
        // −∞ where nothing is seen.
        logSumExp = vec4(sum == 0.0 ? uintBitsToFloat(0xff800000u) : log(sum) + most);
      }
    `,
  });
  return {
    raw: product,
    top: top!,
    total: total!,
    logSumExp: logSumExp!,
    reading,
    free() {
      free(
        gpu,
        laid.map(([, x]) => x),
        [mask, lengths],
      );
      free(gpu, [product, top!, total!]);
    },
  };
}

/** What stands before main() of a program that reads scores: `seen(matrix, row, column)`, and `score()` of what is. */
function READING(mask: 'bool' | 'float32' | null, padded: boolean): string {
  const tests = [
    'causal == 0 || column <= row',
    ...(padded ? ['column < int(texelAt(lengths, m / perLength).x)'] : []),
    ...(mask === 'bool' ? ['maskAt(m, row, column) != 0.0'] : []),
    ...(mask === 'float32' ? ['floatBitsToUint(maskAt(m, row, column)) != 0xff800000u'] : []),
  ];
  return `
    ${mask === null ? '' : MASK}
    bool seen(int m, int row, int column) { return ${tests.map((test) => `(${test})`).join(' && ')}; }

    float score(int m, int row, int column) {
      ivec2 halves = (matrix + 1) / 2;
      int i = (m * halves.x + row / 2) * halves.y + column / 2;
      float product = texelAt(scores, i)[row % 2 * 2 + column % 2];
      return product * scale ${mask === 'float32' ? '+ maskAt(m, row, column)' : ''};
    }
  `;
}

/** Of an axis that the mask is broadcast along the stride is 0. */
const MASK = `
  float maskAt(int m, int row, int column) {
    int at = row * rowStride + column;
    for (int axis = 3; axis >= 0; axis--) {
      at += m % maskAxes[axis] * maskStrides[axis];
      m /= maskAxes[axis];
    }
    return texelAt(mask, at).x;
  }
`;

/** The products of the last two axes, [matrices, …, …]. */
export function multiply(
  gpu: MathBackendWebGL,
  a: TensorInfo,
  b: TensorInfo,
  transposes?: Transposes,
): TensorInfo {
  return batchedProduct(NAME, gpu, a, b, transposes);
}

export function matricesOf(x: TensorInfo): number {
  return sizeOf(x.shape.slice(0, -2));
}
