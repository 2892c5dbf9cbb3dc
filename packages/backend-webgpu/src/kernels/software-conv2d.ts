/**
 * Convolutions of stride 1 where a processor stands in for the GPU: each invocation computes four columns of four channels alone, and
 * reads a row of the window once for all of them. The gradient of the image is the same with the filter turned around, and its channels
 * exchanged.
 */
import { type UnitWindow, unitWindow } from '@stratajs/core/mends';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { flat, sizeOf } from '../shaders/program.js';

interface Convolution {
  readonly images: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo | undefined;
  readonly window: Pick<UnitWindow, 'height' | 'width' | 'top' | 'left'>;
  readonly shape: readonly number[];
  readonly turned: boolean;
}

const FOUR = [0, 1, 2, 3];

/** Takes the place of Conv2D, and of FusedConv2D without an activation. */
export function softwareConv2d(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, filter, bias } = call.inputs as Record<'x' | 'filter' | 'bias', TensorInfo>;
    const { activation } = call.attrs as { activation?: string | null };
    const window = unitWindow(x.shape, filter.shape, call.attrs);
    const plain = activation == null || activation === 'linear';
    const fits = plain && (bias == null || bias.shape.length === 1);
    if (window === null || !fits) return original(call);
    const { shape } = window;
    const backend = call.backend as WebGPUBackend;
    return convolve(backend, {
      images: x,
      filter,
      bias: bias ?? undefined,
      window,
      shape,
      turned: false,
    });
  };
}

export function softwareConv2dInputGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { dy, filter } = call.inputs as { dy: TensorInfo; filter: TensorInfo };
    const { inputShape: shape } = call.attrs as unknown as { inputShape: number[] };
    const window = unitWindow(shape, filter.shape, call.attrs);
    // Of a larger dy tfjs takes the part that a convolution gives.
    if (window === null || !sameShape(dy.shape, window.shape)) return original(call);
    const { height, width, top, left } = window;
    return convolve(call.backend as WebGPUBackend, {
      images: dy,
      filter,
      window: { height, width, top: height - 1 - top, left: width - 1 - left },
      shape,
      turned: true,
    });
  };
}

function convolve(backend: WebGPUBackend, convolution: Convolution): TensorInfo {
  const { images, filter, bias, shape } = convolution;
  const inputs = bias === undefined ? [images, filter] : [images, filter, bias];
  const made = backend.runWebGPUProgram(programOf(convolution), inputs, 'float32');
  return { ...made, shape: [...shape] };
}

function programOf({ images, filter, bias, window, shape, turned }: Convolution): WebGPUProgram {
  const [, rows, columns, channels] = images.shape as [number, number, number, number];
  const [batch, down, across, results] = shape as [number, number, number, number];
  const [, , from, to] = filter.shape as [number, number, number, number];
  const { height, width, top, left } = window;
  const groups = Math.ceil(results / 4);
  const strips = Math.ceil(across / 4);
  const weight = (wc: number, i: number): string => {
    const at = `min(channel + ${i}, ${results - 1})`;
    return turned
      ? `Filter[((${height - 1} - wr) * ${width} + ${width - 1 - wc}) * ${from * to} + ${at} * ${to} + d]`
      : `Filter[((wr * ${width} + ${wc}) * ${from} + d) * ${to} + ${at}]`;
  };
  const reads = Array.from(
    { length: width + 3 },
    (_, i) => `let x${i} = column(row, first + ${i}, d);`,
  );
  const products = Array.from({ length: width }, (_, wc) => {
    const sums = FOUR.map((i) => `sum${i} = sum${i} + x${wc + i} * w${wc};`);
    return `
      let w${wc} = vec4<f32>(${FOUR.map((i) => weight(wc, i)).join(', ')});
      ${sums.join('\n')}
    `;
  });
  const stores = FOUR.flatMap((column) =>
    FOUR.map(
      (i) => `
        if (start + ${column} < ${across} && channel + ${i} < ${results}) {
          setOutputAtIndex((place + ${column}) * ${results} + channel + ${i},
            sum${column}[${i}]${bias === undefined ? '' : ` + Bias[channel + ${i}]`});
        }
      `,
    ),
  );
  const key = [...images.shape, ...filter.shape, ...shape, top, left, turned, bias !== undefined];
  return {
    ...flat(`strata-conv2d-${key.join('-')}`, sizeOf(shape), batch * down * strips * groups),
    variableNames: bias === undefined ? ['Images', 'Filter'] : ['Images', 'Filter', 'Bias'],
    getUserCode: () => `
      fn column(row : i32, at : i32, d : i32) -> f32 {
        let value = Images[(row * ${columns} + clamp(at, 0, ${columns - 1})) * ${channels} + d];
        return select(0.0, value, at >= 0 && at < ${columns});
      }

      fn main(index : i32) {
        let channel = 4 * (index % ${groups});
        let start = 4 * ((index / ${groups}) % ${strips});
        let line = index / ${groups * strips};
        if (line >= ${batch * down} || index >= uniforms.size) {
          return;
        }
        let y = line % ${down};
        let image = line / ${down};
        let first = start - ${left};
        ${FOUR.map((i) => `var sum${i} = vec4<f32>();`).join('\n')}
        for (var wr = 0; wr < ${height}; wr = wr + 1) {
          let inside = y + wr - ${top};
          if (inside < 0 || inside >= ${rows}) {
            continue;
          }
          let row = image * ${rows} + inside;
          for (var d = 0; d < ${channels}; d = d + 1) {
            ${reads.join('\n')}
            ${products.join('')}
          }
        }
        let place = line * ${across} + start;
        ${stores.join('')}
      }
    `,
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
