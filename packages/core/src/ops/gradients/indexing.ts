/**
 * Gather, scatter and top-k. tfjs's gradient of GatherV2 takes one pass over all indices for each row
 * of x on some engines; the others have none.
 */
import { constant, zeros } from '../../create.js';
import { isTensor } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { axisIndex, sizeOf } from '../arguments.js';
import { add } from '../binary.js';
import { gatherNd, scatterNd } from '../gather.js';
import { reshape, transpose } from '../shape.js';
import { inherited, type KernelGradient } from './kernel-gradient.js';

export function indexingGradients(): readonly KernelGradient[] {
  const batched = inherited('GatherV2');
  return [
    {
      kernel: 'GatherV2',
      inputs: ['x', 'indices'],
      of: (dy, saved, attrs) => {
        const [x, indices] = saved as [Tensor, Tensor];
        if (attrs['batchDims']) return batched(dy, saved, attrs);
        return {
          x: () => ungather(dy, x, indices, attrs['axis'] as number),
          indices: () => zeros(indices.shape),
        };
      },
    },
    {
      kernel: 'GatherNd',
      inputs: ['params', 'indices'],
      of: (dy, [params, indices]) => ({
        params: () => scatterNd(indices!, dy, params!.shape),
        indices: () => zeros(indices!.shape),
      }),
    },
    {
      kernel: 'ScatterNd',
      inputs: ['indices'],
      of: (dy, [indices]) => ({
        updates: () => gatherNd(dy, indices!),
        indices: () => zeros(indices!.shape),
      }),
    },
    {
      kernel: 'TopK',
      inputs: ['x'],
      outputs: [false, true],
      of: (dys, [x, indices]) => ({
        x: () => scatterAlongLast(isTensor(dys) ? dys : (dys as Tensor[])[0]!, x!, indices!),
      }),
    },
  ];
}

/** Adds every slice of `dy` to the one of x that it was read from. */
function ungather(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = axisIndex(axis, x.shape.length, 'gather');
  const outer = x.shape.slice(0, at);
  const inner = x.shape.slice(at + 1);
  const length = x.shape[at]!;
  const before = sizeOf(outer);
  const after = sizeOf(inner);
  const places = reshape(indices, [indices.size, 1]);
  let slices = reshape(dy, [before, indices.size, after]);
  if (before !== 1) slices = transpose(slices, [1, 0, 2]);
  const summed = scatterNd(places, reshape(slices, [indices.size, before * after]), [
    length,
    before * after,
  ]);
  if (before === 1) return reshape(summed, x.shape);
  return reshape(transpose(reshape(summed, [length, before, after]), [1, 0, 2]), x.shape);
}

/** Zeros of the shape of x, with each `dy` at the place along the last axis that `indices` names. */
export function scatterAlongLast(dy: Tensor, x: Tensor, indices: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  const rows = x.size / n;
  const starts = constant(
    Int32Array.from({ length: rows }, (_, i) => i * n),
    [rows, 1],
  );
  const k = indices.shape.at(-1)!;
  const places = reshape(add(reshape(indices, [rows, k]), starts), [rows * k, 1]);
  return reshape(scatterNd(places, reshape(dy, [rows * k]), [x.size]), x.shape);
}
