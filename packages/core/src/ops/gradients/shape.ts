/**
 * Operations that move elements. tfjs's gradients of Tile stops at rank 4, those of SplitV and
 * Unpack fail for a single part, that of MirrorPad forgets what was mirrored; StridedSlice and
 * DepthToSpace have none.
 */
import { zeros } from '../../create.js';
import { BackendError } from '../../errors.js';
import { isTensor } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { add } from '../binary.js';
import { dilate } from '../dilate.js';
import { concat, stack } from '../join.js';
import { pad, type Paddings } from '../pad.js';
import { sum } from '../reduce.js';
import { reshape, reverse, transpose } from '../shape.js';
import { slice } from '../slice.js';
import type { KernelGradient } from './kernel-gradient.js';

export const shapeGradients: readonly KernelGradient[] = [
  {
    kernel: 'Tile',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => untile(dy, x!, attrs['reps'] as number[]) }),
  },
  {
    kernel: 'SplitV',
    of: (dys, _, attrs) => ({ x: () => concat(list(dys), attrs['axis'] as number) }),
  },
  {
    kernel: 'Unpack',
    of: (dys, _, attrs) => ({ value: () => stack(list(dys), attrs['axis'] as number) }),
  },
  {
    kernel: 'MirrorPad',
    inputs: ['x'],
    of: (dy, _, attrs) => ({
      x: () => unmirror(dy, attrs['paddings'] as Paddings, attrs['mode'] === 'reflect'),
    }),
  },
  {
    kernel: 'StridedSlice',
    inputs: ['x'],
    of: (dy, [x], attrs) => ({ x: () => unslice(dy, x!, attrs) }),
  },
  {
    kernel: 'DepthToSpace',
    of: (dy, _, attrs) => ({ x: () => spaceToDepth(dy, attrs['blockSize'] as number) }),
  },
];

function list(dys: Tensor): Tensor[] {
  return isTensor(dys) ? [dys] : (dys as Tensor[]);
}

/** Sums the copies: `dy` as [reps, size] for each repeated axis, whole axes merged between them. */
function untile(dy: Tensor, x: Tensor, reps: readonly number[]): Tensor {
  if (dy.size === 0) return zeros(x.shape);
  const shape: number[] = [];
  const copies: number[] = [];
  reps.forEach((rep, i) => {
    const size = x.shape[i]!;
    if (rep !== 1) {
      copies.push(shape.length);
      shape.push(rep, size);
    } else if (shape.length === 0) {
      shape.push(size);
    } else {
      shape[shape.length - 1]! *= size;
    }
  });
  return reshape(copies.length > 0 ? sum(reshape(dy, shape), { axis: copies }) : dy, x.shape);
}

/** Folds the mirrored edges back onto what they mirror, axis by axis. */
function unmirror(dy: Tensor, paddings: Paddings, reflect: boolean): Tensor {
  const skip = reflect ? 1 : 0;
  return paddings.reduce((t, [before, after], axis) => {
    const size = t.shape[axis]! - before - after;
    const part = (start: number, length: number): Tensor =>
      slice(
        t,
        t.shape.map((_, i) => (i === axis ? start : 0)),
        t.shape.map((d, i) => (i === axis ? length : d)),
      );
    const folded = (edge: Tensor, at: number): Tensor =>
      pad(
        reverse(edge, axis),
        t.shape.map((_, i) => (i === axis ? [at, size - at - edge.shape[axis]!] : [0, 0])),
      );
    let result = part(before, size);
    if (before > 0) result = add(result, folded(part(0, before), skip));
    if (after > 0) result = add(result, folded(part(before + size, after), size - after - skip));
    return result;
  }, dy);
}

/** `dy` at begin, begin + stride, … of zeros, for the strides and ends that stridedSlice() passes. */
function unslice(dy: Tensor, x: Tensor, attrs: Readonly<Record<string, unknown>>): Tensor {
  const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'];
  const begin = attrs['begin'] as number[];
  const strides = attrs['strides'] as number[];
  if (
    masks.some((m) => attrs[m]) ||
    strides.some((s) => s < 1) ||
    begin.length !== x.shape.length
  ) {
    throw new BackendError(
      'The gradient of the kernel StridedSlice takes no masks and no negative strides. Received: one that has. Use stridedSlice().',
    );
  }
  if (dy.size === 0) return zeros(x.shape);
  const spread = strides.reduce((t, stride, axis) => {
    const room = x.shape[axis]! - begin[axis]!;
    return stride === 1 ? t : dilate(t, axis, stride, Math.min(t.shape[axis]! * stride, room));
  }, dy);
  return pad(
    spread,
    x.shape.map((length, i) => [begin[i]!, length - begin[i]! - spread.shape[i]!]),
  );
}

function spaceToDepth(x: Tensor, block: number): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const rows = h / block;
  const columns = w / block;
  const blocks = transpose(reshape(x, [n, rows, block, columns, block, c]), [0, 1, 3, 2, 4, 5]);
  return reshape(blocks, [n, rows, columns, block * block * c]);
}
