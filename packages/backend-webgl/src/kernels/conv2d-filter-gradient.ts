import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type UnitWindow, unitWindow } from '@stratajs/core/mends';
import { columnsOf, fetchOf } from '../shaders/images.js';
import { type Backend, insideOf, runShader } from '../shaders/program.js';

/** So many texels are computed at a time: fewer would leave a GPU idle. */
const ENOUGH = 4096;

/**
 * The gradient of a filter of stride 1, two channels of the image by two of the result at a time, two columns a turn. Where the filter is small, parts
 * of the batch are added up side by side, and then their sums.
 */
export function conv2dFilterGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
    const { filterShape } = call.attrs as unknown as { filterShape: number[] };
    const window = unitWindow(x.shape, filterShape, call.attrs);
    if (window === null) return original(call);
    const backend = call.backend as Backend;
    const [height, width, from, to] = filterShape as [number, number, number, number];
    const texels = height * width * Math.ceil(from / 2) * Math.ceil(to / 2);
    const parts = Math.min(x.shape[0]!, Math.ceil(ENOUGH / texels));
    const sums = partSums(backend, x, dy, window, [parts * height, width, from, to], parts);
    if (parts === 1) return sums;
    const sum = sumOfParts(backend, sums, filterShape, parts);
    backend.disposeData(sums.dataId);
    return sum;
  };
}

/** The first axis counts parts and, within them, rows of the filter. */
function partSums(
  backend: Backend,
  x: TensorInfo,
  dy: TensorInfo,
  { height, top, left }: UnitWindow,
  shape: readonly number[],
  parts: number,
): TensorInfo {
  const [batch, rows, columns] = x.shape as [number, number, number];
  const [, dyRows, dyColumns] = dy.shape as [number, number, number];
  const images = Math.ceil(batch / parts);
  return runShader(
    backend,
    {
      inputs: ['X', 'Dy'],
      shape,
      dtype: 'float32',
      packed: 'everywhere',
      code: `
        ${fetchOf(backend, 'X', x)}
        ${fetchOf(backend, 'Dy', dy)}
        ${columnsOf('X', columns)}
        ${columnsOf('Dy', dyColumns)}
        ${insideOf(shape)}
        void main() {
          ivec4 at = getOutputCoords();
          int part = at.x / ${height};
          int wr = at.x - part * ${height};
          int end = min((part + 1) * ${images}, ${batch});
          // Columns of the image that belong to a pair of dy: one texel, or the halves of two.
          int start = at.y - ${left} + ${2 * left};
          bool odd = (start - (start / 2) * 2) == 1;
          int first = start / 2 - ${left};
          vec4 sum = vec4(0.0);
          for (int b = part * ${images}; b < end; b++) {
            for (int r = 0; r < ${dyRows}; r++) {
              int row = r + wr - ${top};
              if (row < 0 || row >= ${rows}) continue;
              vec4 t = columnsX(b, row, first, at.z / 2);
              for (int pair = 0; pair < ${Math.ceil(dyColumns / 2)}; pair++) {
                vec4 dy = columnsDy(b, r, pair, at.w / 2);
                vec4 next = columnsX(b, row, first + pair + 1, at.z / 2);
                vec4 x = odd ? vec4(t.zw, next.xy) : t;
                sum += vec4(x.x * dy.xy + x.z * dy.zw, x.y * dy.xy + x.w * dy.zw);
                t = next;
              }
            }
          }
          setOutput(mix(vec4(0.0), sum, inside()));
        }
      `,
    },
    [x, dy],
  );
}

function sumOfParts(
  backend: Backend,
  sums: TensorInfo,
  shape: readonly number[],
  parts: number,
): TensorInfo {
  return runShader(
    backend,
    {
      inputs: ['Sums'],
      shape,
      dtype: 'float32',
      packed: 'everywhere',
      code: `
        ${fetchOf(backend, 'Sums', sums)}
        void main() {
          ivec4 at = getOutputCoords();
          vec4 sum = vec4(0.0);
          for (int part = 0; part < ${parts}; part++)
            sum += fetchSums(part * ${shape[0]} + at.x, at.y, at.z / 2, at.w / 2);
          setOutput(sum);
        }
      `,
    },
    [sums],
  );
}
