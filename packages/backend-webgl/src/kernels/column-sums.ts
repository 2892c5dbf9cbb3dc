/** Two sums down every column of a tensor seen as rows of channels: in √rows parts side by side, then over the parts. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { flatRead, runShader } from './program.js';

export interface ColumnTerms {
  readonly rows: number;
  readonly columns: number;
  /** Tensors of rows × columns elements, read by `flatX(at)`. */
  readonly wide: Readonly<Record<string, TensorInfo>>;
  /** One element for each column, read by `getMean(column)`. */
  readonly perColumn: Readonly<Record<string, TensorInfo>>;
  /** What the two sums add up for element `at` of a `column`, in GLSL. */
  readonly terms: readonly [string, string];
}

/** [parts, 2·columns]: the first sums of a part, then the second ones. The caller frees it. */
export function columnSums(
  gpu: MathBackendWebGL,
  { rows, columns, wide, perColumn, terms }: ColumnTerms,
): TensorInfo {
  const rowsOfPart = Math.ceil(Math.sqrt(rows));
  const reads = Object.entries(wide).map(([name, { shape }]) => flatRead(name, shape));
  return runShader(
    gpu,
    {
      inputs: [...Object.keys(wide), ...Object.keys(perColumn)],
      shape: [Math.ceil(rows / rowsOfPart), 2 * columns],
      dtype: 'float32',
      code: `
        ${reads.join('\n')}
        void main() {
          ivec2 place = getOutputCoords();
          bool first = place.y < ${columns};
          int column = first ? place.y : place.y - ${columns};
          int end = min((place.x + 1) * ${rowsOfPart}, ${rows});
          float sum = 0.0;
          for (int row = place.x * ${rowsOfPart}; row < end; row++) {
            int at = row * ${columns} + column;
            sum += first ? ${terms[0]} : ${terms[1]};
          }
          setOutput(sum);
        }
      `,
    },
    [...Object.values(wide), ...Object.values(perColumn)],
  );
}

/**
 * [columns], from the two sums of each: `first` and `second` in `result`, which may read `perColumn` by `getMean(column)`.
 * Four elements to a texel, as those want it who use it beside images.
 */
export function fromSums(
  gpu: MathBackendWebGL,
  sums: TensorInfo,
  result: string,
  perColumn: Readonly<Record<string, TensorInfo>> = {},
  numbers: Readonly<Record<string, number>> = {},
): TensorInfo {
  const [parts, both] = sums.shape as [number, number];
  const columns = both / 2;
  return runShader(
    gpu,
    {
      inputs: ['Sums', ...Object.keys(perColumn)],
      shape: [columns],
      dtype: 'float32',
      packed: 'result',
      uniforms: Object.fromEntries(Object.keys(numbers).map((name) => [name, 'float'])),
      code: `
        float of(int column) {
          float first = 0.0;
          float second = 0.0;
          for (int part = 0; part < ${parts}; part++) {
            first += getSums(part, column);
            second += getSums(part, column + ${columns});
          }
          return ${result};
        }
        void main() {
          int column = getOutputCoords();
          setOutput(vec4(of(column), column + 1 < ${columns} ? of(column + 1) : 0.0, 0.0, 0.0));
        }
      `,
    },
    [sums, ...Object.values(perColumn)],
    Object.values(numbers).map((value) => [value]),
  );
}
