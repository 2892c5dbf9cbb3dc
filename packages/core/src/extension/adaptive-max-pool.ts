import { type Attributes, engine, type Inputs, run, runMany } from '../engine.js';
import { type PooledMaxima, scatterMaxima } from '../ops/pool.js';
import type { Tensor } from '../tensor.js';
import {
  type AdaptiveAttributes,
  adaptiveAttributes,
  adaptiveWindows,
} from './adaptive-windows.js';
import { fill, reshape } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const NAME = 'StrataAdaptiveMaxPool';

/**
 * The largest values of windows that cover the image evenly, whatever its size:
 *
 *     y[n, i, j, c] = max of x[n, ⌊i·H/h⌋ … ⌈(i+1)·H/h⌉ − 1, ⌊j·W/w⌋ … ⌈(j+1)·W/w⌉ − 1, c]
 *
 * as PyTorch's AdaptiveMaxPool2d. The gradient goes to the first of equal maxima.
 *
 * @param x [N, H, W, C] float32.
 * @param size [h, w], or one number for both; may be larger than the image.
 * @returns [N, h, w, C].
 * @throws ShapeError for other shapes or dtypes, ConfigError for a size below 1.
 */
export function adaptiveMaxPool2d(
  x: Tensor,
  size: number | readonly [height: number, width: number],
): Tensor {
  const { values, indices } = pooled('adaptiveMaxPool2d', x, size);
  indices.dispose();
  return values;
}

/**
 * `adaptiveMaxPool2d()`, and where each maximum lies: `indices` [N, h, w, C] int32, into the elements of x
 * in row-major order.
 */
export function adaptiveMaxPool2dWithIndices(
  x: Tensor,
  size: number | readonly [height: number, width: number],
): PooledMaxima {
  return pooled('adaptiveMaxPool2dWithIndices', x, size);
}

function pooled(op: string, x: Tensor, size: number | readonly [number, number]): PooledMaxima {
  const attrs = adaptiveAttributes(op, x, size);
  const [values, indices] = runMany(NAME, { x }, { ...attrs }) as [Tensor, Tensor];
  return { values, indices };
}

export const adaptiveMaxPoolKernel: ExtensionKernel = {
  name: NAME,
  composite: ({ x }, attrs) => {
    const { inputSize, outputSize } = attrs as unknown as AdaptiveAttributes;
    const [n, , , c] = x!.shape as [number, number, number, number];
    if (n * c === 0) {
      const shape = [n, ...outputSize, c];
      return [fill(shape, 0), fill(shape, 0, 'int32')];
    }
    const positions = engine().makeTensor(
      Int32Array.from({ length: x!.size }, (_, i) => i),
      x!.shape,
      'int32',
    );
    const across = adaptiveWindows(inputSize[1], outputSize[1]);
    const rows = adaptiveWindows(inputSize[0], outputSize[0]).map((down) => {
      const places = across.map((along) => maximum(x!, positions, down, along));
      return [
        joined(
          places.map(([value]) => value),
          2,
        ),
        joined(
          places.map(([, at]) => at),
          2,
        ),
      ] as const;
    });
    return [
      joined(
        rows.map(([value]) => value),
        1,
      ),
      joined(
        rows.map(([, at]) => at),
        1,
      ),
    ];
  },
  gradient: {
    saved: ['x'],
    savedOutputs: [false, true],
    of: ([dy], saved) => {
      const [x, indices] = saved as [Tensor, Tensor];
      return { x: () => scatterMaxima(dy!, indices, x.shape) };
    },
  },
};

/** The largest value of one window and the first position that holds it, both [N, 1, 1, C]. */
function maximum(
  x: Tensor,
  positions: Tensor,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): readonly [Tensor, Tensor] {
  const [n, , , c] = x.shape as [number, number, number, number];
  const begin = [0, top, left, 0];
  const size = [n, bottom - top, right - left, c];
  const window = run('Slice', { x }, { begin, size });
  const places = run('Slice', { x: positions }, { begin, size });
  const value = reduced('Max', window);
  const top1 = run('Tile', { x: value }, { reps: [1, bottom - top, right - left, 1] });
  const condition = run('Equal', { a: window, b: top1 });
  const last = fill(size, x.size - 1, 'int32');
  return [value, reduced('Min', run('Select', { condition, t: places, e: last }))];
}

/** Reduced over height and width, which stay as axes of 1. */
function reduced(kernel: 'Max' | 'Min', x: Tensor): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const flat = run('Transpose', { x: reshape(x, [n, h * w, c]) }, { perm: [0, 2, 1] });
  const attrs: Attributes =
    kernel === 'Max' ? { reductionIndices: [2], keepDims: false } : { axis: [2], keepDims: false };
  return reshape(run(kernel, { x: flat }, attrs), [n, 1, 1, c]);
}

function joined(parts: readonly Tensor[], axis: number): Tensor {
  return run('Concat', parts as unknown as Inputs, { axis });
}
