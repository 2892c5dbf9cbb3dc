/**
 * Convolutions of stride 1 that read images and filters as they lie, where tfjs first writes every window out as a row of a
 * matrix. Four elements of the result, two columns of two channels, are computed together; a row of the window is read once for both
 * columns. The gradient of the image is the same with the filter turned around, and its channels exchanged.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type UnitWindow, unitWindow } from '@stratajs/core/mends';
import { columnsOf, fetchOf } from '../shaders/images.js';
import { type Backend, insideOf, runShader } from '../shaders/program.js';

interface Convolution {
  readonly images: TensorInfo;
  /** [height, width, channels of the image, channels of the result], the last two exchanged where it is turned. */
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo | undefined;
  readonly window: Pick<UnitWindow, 'height' | 'width' | 'top' | 'left'>;
  readonly shape: readonly number[];
  readonly turned: boolean;
}

export function conv2d(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
    const window = unitWindow(x.shape, filter.shape, call.attrs);
    if (window === null) return original(call);
    return convolve(call.backend as Backend, {
      images: x,
      filter,
      window,
      shape: window.shape,
      turned: false,
    });
  };
}

/** With a bias, and no activation: others go to tfjs's kernel. */
export function fusedConv2d(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, filter, bias } = call.inputs as Record<'x' | 'filter' | 'bias', TensorInfo>;
    const { activation } = call.attrs as { activation?: string | null };
    const plain = activation == null || activation === 'linear';
    const window = unitWindow(x.shape, filter.shape, call.attrs);
    const fits = plain && (bias == null || bias.shape.length === 1);
    if (window === null || !fits) return original(call);
    return convolve(call.backend as Backend, {
      images: x,
      filter,
      bias: bias ?? undefined,
      window,
      shape: window.shape,
      turned: false,
    });
  };
}

export function conv2dInputGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { dy, filter } = call.inputs as { dy: TensorInfo; filter: TensorInfo };
    const { inputShape } = call.attrs as unknown as { inputShape: number[] };
    const window = unitWindow(inputShape, filter.shape, call.attrs);
    // Of a larger dy tfjs takes the part that a convolution gives.
    if (window === null || !sameShape(dy.shape, window.shape)) return original(call);
    const { height, width, top, left } = window;
    return convolve(call.backend as Backend, {
      images: dy,
      filter,
      window: { height, width, top: height - 1 - top, left: width - 1 - left },
      shape: inputShape,
      turned: true,
    });
  };
}

function convolve(
  backend: Backend,
  { images, filter, bias, window, shape, turned }: Convolution,
): TensorInfo {
  const [, rows, columns, channels] = images.shape as [number, number, number, number];
  const { height, width, top, left } = window;
  // How many columns after the beginning of a texel the window begins: 0 or 1.
  const shift = left & 1;
  const texels = Math.floor((width + shift) / 2) + 1;
  const pair = (column: number): string => {
    const at = column + shift;
    return at % 2 === 0 ? `t${at >> 1}` : `vec4(t${at >> 1}.zw, t${(at >> 1) + 1}.xy)`;
  };
  const products = Array.from({ length: width }, (_, column) => {
    const place = turned ? `${height - 1} - wr, ${width - 1 - column}` : `wr, ${column}`;
    const weights = turned
      ? `fetchFilter(${place}, channel, d).xzyw`
      : `fetchFilter(${place}, d, channel)`;
    return `{
      vec4 x = ${pair(column)};
      vec4 w = ${weights};
      sum += vec4(x.x * w.xy + x.y * w.zw, x.z * w.xy + x.w * w.zw);
    }`;
  });
  const reads = Array.from(
    { length: texels },
    (_, t) => `vec4 t${t} = columnsImages(at.x, row, first + ${t}, d);`,
  );
  return runShader(
    backend,
    {
      inputs: bias === undefined ? ['Images', 'Filter'] : ['Images', 'Filter', 'Bias'],
      shape,
      dtype: 'float32',
      packed: 'everywhere',
      code: `
        ${fetchOf(backend, 'Images', images)}
        ${fetchOf(backend, 'Filter', filter)}
        ${columnsOf('Images', columns)}
        ${insideOf(shape)}
        void main() {
          ivec4 at = getOutputCoords();
          int channel = at.w / 2;
          int first = (at.z - ${left + shift}) / 2;
          vec4 sum = vec4(0.0);
          for (int wr = 0; wr < ${height}; wr++) {
            int row = at.y + wr - ${top};
            if (row < 0 || row >= ${rows}) continue;
            for (int d = 0; d < ${Math.ceil(channels / 2)}; d++) {
              ${reads.join('\n')}
              ${products.join('\n')}
            }
          }
          ${bias === undefined ? '' : 'sum += getBias(at.w).xyxy;'}
          setOutput(mix(vec4(0.0), sum, inside()));
        }
      `,
    },
    bias === undefined ? [images, filter] : [images, filter, bias],
  );
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
