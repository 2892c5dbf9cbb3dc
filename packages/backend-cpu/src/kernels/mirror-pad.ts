import type { TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric, type KernelSet, type MakeKernel, sizeOf } from './kernel.js';
import { stridedPlan, stridesOf } from './strided.js';

interface Attributes {
  readonly paddings: readonly (readonly [number, number])[];
  readonly mode: 'reflect' | 'symmetric';
}

/** A part of one axis of the result: `count` positions from `to` on, read from `from` on forwards or backwards. */
interface Part {
  readonly to: number;
  readonly from: number;
  readonly step: 1 | -1;
  readonly count: number;
}

/** What lies beyond an edge is its mirror image, the edge repeated (symmetric) or not (reflect). */
const mirrorPad: MakeKernel<{ readonly x: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ x }, { paddings, mode }) => {
    if (!isNumeric(x.dtype) || paddings.length !== x.shape.length) return undefined;
    const edge = mode === 'symmetric' ? 1 : 0;
    const fits = x.shape.every((size, i) =>
      (paddings[i] as readonly [number, number]).every((n) => n >= 0 && n <= size - 1 + edge),
    );
    if (!fits) return undefined;
    const shape = x.shape.map((size, i) => {
      const [before, after] = paddings[i] as readonly [number, number];
      return before + size + after;
    });
    const y = backend.allocate(shape, x.dtype, sizeOf(shape));
    const [strides, own] = [stridesOf(x.shape), stridesOf(shape)];
    for (const parts of choices(x.shape.map((size, i) => partsOf(size, paddings[i]!, edge)))) {
      let [offsetX, offsetY] = [0, 0];
      const axes = parts.map(({ to, from, step, count }, i) => {
        offsetX += from * (strides[i] as number);
        offsetY += to * (own[i] as number);
        return { size: count, x: step * (strides[i] as number), y: own[i] as number };
      });
      // tfjs has no more axes than a plan takes.
      const plan = stridedPlan(axes, offsetX, offsetY) as Int32Array;
      native.stridedCopy(backend.values(x), backend.values(y), plan);
    }
    return y;
  };

function partsOf(size: number, [before, after]: readonly [number, number], edge: number): Part[] {
  const parts: Part[] = [
    { to: 0, from: before - edge, step: -1, count: before },
    { to: before, from: 0, step: 1, count: size },
    { to: before + size, from: size - 2 + edge, step: -1, count: after },
  ];
  return parts.filter(({ count }) => count > 0);
}

/** One of each list, in every way. */
function choices(lists: readonly Part[][]): Part[][] {
  return lists.reduce<Part[][]>(
    (all, list) => all.flatMap((chosen) => list.map((part) => [...chosen, part])),
    [[]],
  );
}

export const mirrorPadKernels: KernelSet = { MirrorPad: mirrorPad };
