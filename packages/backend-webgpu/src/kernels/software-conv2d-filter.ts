import { type UnitWindow, unitWindow } from '@stratajs/core/mends';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { flat, runShader, sizeOf } from '../shaders/program.js';

/** Parts of the batch that are added up side by side. */
const PARTS = 16;

const FOUR = [0, 1, 2, 3];

/**
 * The gradient of a filter of stride 1 where a processor stands in for the GPU: each invocation computes a row of the filter for four
 * channels of the result, from a part of the batch; then the parts are added up.
 */
export function softwareConv2dFilterGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
    const { filterShape: shape } = call.attrs as unknown as { filterShape: number[] };
    const window = unitWindow(x.shape, shape, call.attrs);
    if (window === null) return original(call);
    const backend = call.backend as WebGPUBackend;
    const parts = Math.min(PARTS, x.shape[0]!);
    const size = sizeOf(shape);
    const sums = backend.runWebGPUProgram(
      programOf(x, dy, shape, window, parts),
      [x, dy],
      'float32',
    );
    const gradient = runShader(backend, {
      key: `sum-of-parts-${parts}-${size}`,
      inputs: { Sums: sums },
      shape,
      dtype: 'float32',
      before: `
        var sum = 0.0;
        for (var part = 0; part < ${parts}; part = part + 1) { sum = sum + Sums[part * ${size} + index]; }
      `,
      element: 'sum',
    });
    backend.disposeData(sums.dataId);
    return gradient;
  };
}

function programOf(
  x: TensorInfo,
  dy: TensorInfo,
  shape: readonly number[],
  { height, width, top, left }: UnitWindow,
  parts: number,
): WebGPUProgram {
  const [batch, rows, columns] = x.shape as [number, number, number];
  const [, down, across] = dy.shape as [number, number, number];
  const [, , from, to] = shape as [number, number, number, number];
  const groups = Math.ceil(to / 4);
  const images = Math.ceil(batch / parts);
  const all = Array.from({ length: width }, (_, wc) => wc);
  const moves = all.map((wc) => (wc + 1 < width ? `x${wc} = x${wc + 1};` : ''));
  const stores = all.flatMap((wc) =>
    FOUR.map(
      (i) => `
        if (channel + ${i} < ${to}) {
          setOutputAtIndex(((part * ${height} + wr) * ${width} + ${wc}) * ${from * to} + d * ${to} + channel + ${i}, sum${wc}[${i}]);
        }
      `,
    ),
  );
  const key = [...x.shape, ...shape, top, left, parts].join('-');
  return {
    ...flat(`strata-conv2d-filter-${key}`, parts * sizeOf(shape), parts * height * from * groups),
    variableNames: ['X', 'Dy'],
    getUserCode: () => `
      fn column(row : i32, at : i32, d : i32) -> f32 {
        let value = X[(row * ${columns} + clamp(at, 0, ${columns - 1})) * ${from} + d];
        return select(0.0, value, at >= 0 && at < ${columns});
      }

      fn main(index : i32) {
        let channel = 4 * (index % ${groups});
        let d = (index / ${groups}) % ${from};
        let wr = (index / ${groups * from}) % ${height};
        let part = index / ${groups * from * height};
        if (part >= ${parts} || index >= uniforms.size) {
          return;
        }
        ${all.map((wc) => `var sum${wc} = vec4<f32>();`).join('\n')}
        for (var n = part * ${images}; n < min((part + 1) * ${images}, ${batch}); n = n + 1) {
          for (var r = 0; r < ${down}; r = r + 1) {
            let inside = r + wr - ${top};
            if (inside < 0 || inside >= ${rows}) {
              continue;
            }
            let row = n * ${rows} + inside;
            ${all.map((wc) => `var x${wc} = ${wc === 0 ? '0.0' : `column(row, ${wc - 1} - ${left}, d)`};`).join('\n')}
            for (var c = 0; c < ${across}; c = c + 1) {
              ${moves.join('\n')}
              x${width - 1} = column(row, c + ${width - 1} - ${left}, d);
              let at = ((n * ${down} + r) * ${across} + c) * ${to};
              let g = vec4<f32>(${FOUR.map((i) => `Dy[at + min(channel + ${i}, ${to - 1})]`).join(', ')});
              ${all.map((wc) => `sum${wc} = sum${wc} + x${wc} * g;`).join('\n')}
            }
          }
        }
        ${stores.join('')}
      }
    `,
  };
}
