/**
 * Pools. tfjs's gradient of a padded AvgPool divides by the whole window where the forward pass
 * divides by the part inside; the gradients' own gradients are missing.
 */
import { backend_util } from '@tensorflow/tfjs-core';
import { constant, zeros } from '../../create.js';
import { type Attributes, run } from '../../engine.js';
import { noGrad } from '../../autodiff/tape.js';
import type { Shape, Tensor } from '../../tensor.js';
import { add, mul } from '../binary.js';
import { equal, logicalAnd, logicalNot, logicalOr } from '../compare.js';
import { pad, type Paddings } from '../pad.js';
import { scatterMaxima } from '../pool.js';
import { slice, stridedSlice } from '../slice.js';
import { where } from '../where.js';
import type { KernelGradient } from './kernel-gradient.js';

type PoolInfo = ReturnType<typeof backend_util.computePool2DInfo>;

export const poolGradients: readonly KernelGradient[] = [
  {
    kernel: 'AvgPool',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => avgPoolGradient(dy, x!, attrs) }),
  },
  {
    kernel: 'AvgPoolGrad',
    inputs: ['input'],
    of: (ddx, [input], attrs) => ({
      // Linear in dy; core calls it without padding, where it is the transpose of AvgPool.
      dy: () => run('AvgPool', { x: ddx }, attrs),
      input: () => zeros(input!.shape),
    }),
  },
  {
    kernel: 'MaxPoolWithArgmax',
    inputs: ['x'],
    outputs: [false, true],
    of: (dys, saved) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const [dy] = dys as unknown as readonly Tensor[];
      return { x: () => scatterMaxima(dy!, indices, x.shape) };
    },
  },
  {
    kernel: 'MaxPoolGrad',
    inputs: ['input', 'output'],
    of: (ddx, saved, attrs) => {
      const [x, y] = saved as [Tensor, Tensor];
      return {
        dy: () => atMaxima(ddx, x, y, attrs),
        input: () => zeros(x.shape),
        output: () => zeros(y.shape),
      };
    },
  },
];

function geometry(shape: Shape, attrs: Attributes): PoolInfo {
  const {
    filterSize,
    strides,
    pad: padding,
  } = attrs as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'valid';
  };
  return backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    padding,
  );
}

function paddingsOf({
  padInfo,
  strideHeight,
  strideWidth,
  filterHeight,
  filterWidth,
  outHeight,
  outWidth,
  inHeight,
  inWidth,
}: PoolInfo): Paddings {
  // As much after as the last window reaches; where it ends before the edge, nothing.
  const reach = (count: number, stride: number, size: number): number =>
    (count - 1) * stride + size;
  const bottom = reach(outHeight, strideHeight, filterHeight) - inHeight - padInfo.top;
  const right = reach(outWidth, strideWidth, filterWidth) - inWidth - padInfo.left;
  return [
    [0, 0],
    [padInfo.top, Math.max(0, bottom)],
    [padInfo.left, Math.max(0, right)],
    [0, 0],
  ];
}

function avgPoolGradient(dy: Tensor, x: Tensor, attrs: Attributes): Tensor {
  const info = geometry(x.shape, attrs);
  const paddings = paddingsOf(info);
  const valid = { ...attrs, pad: 'valid' };
  if (paddings.every(([before, after]) => before === 0 && after === 0)) {
    return run('AvgPoolGrad', { dy, input: x }, valid);
  }
  const padded = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1]);
  const scaled = mul(dy, constant(windowShares(info), [1, info.outHeight, info.outWidth, 1]));
  const whole = run('AvgPoolGrad', { dy: scaled, input: noGrad(() => zeros(padded)) }, valid);
  return slice(
    whole,
    paddings.map(([before]) => before),
    x.shape,
  );
}

/** For each window, its size over the number of its elements that lie inside the image. */
function windowShares(info: PoolInfo): Float32Array {
  const {
    outHeight,
    outWidth,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    inHeight,
    inWidth,
    padInfo,
  } = info;
  const inside = (start: number, size: number, length: number): number =>
    Math.min(start + size, length) - Math.max(start, 0);
  const shares = new Float32Array(outHeight * outWidth);
  for (let r = 0; r < outHeight; r++) {
    const rows = inside(r * strideHeight - padInfo.top, filterHeight, inHeight);
    for (let c = 0; c < outWidth; c++) {
      const columns = inside(c * strideWidth - padInfo.left, filterWidth, inWidth);
      shares[r * outWidth + c] = (filterHeight * filterWidth) / (rows * columns);
    }
  }
  return shares;
}

/** The values of `t` where each window of `x` has its (first) maximum `y`. */
function atMaxima(t: Tensor, x: Tensor, y: Tensor, attrs: Attributes): Tensor {
  const info = geometry(x.shape, attrs);
  const { filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth } = info;
  const paddings = paddingsOf(info);
  const source = noGrad(() => pad(x, paddings, -Infinity));
  const values = pad(t, paddings);
  const tap = (from: Tensor, r: number, c: number): Tensor =>
    stridedSlice(
      from,
      [0, r, c, 0],
      [null, r + (outHeight - 1) * strideHeight + 1, c + (outWidth - 1) * strideWidth + 1, null],
      [1, strideHeight, strideWidth, 1],
    );
  let taken: Tensor | null = null;
  let result: Tensor | null = null;
  for (let r = 0; r < filterHeight; r++) {
    for (let c = 0; c < filterWidth; c++) {
      const hit: Tensor = equal(tap(source, r, c), y);
      const first: Tensor = taken ? logicalAnd(hit, logicalNot(taken)) : hit;
      taken = taken ? logicalOr(taken, hit) : hit;
      const part: Tensor = where(first, tap(values, r, c), 0);
      result = result ? add(result, part) : part;
    }
  }
  return result!;
}
