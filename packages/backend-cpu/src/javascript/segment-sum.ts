import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type JavascriptKernel, type Storage, values } from './storage.js';

/**
 * y[s] = Σ x[i] over the rows i with segment s: the gradient of an embedding. Rows of a segment outside
 * [0, numSegments) are left out. tfjs goes over all of x once for every segment.
 */
export const unsortedSegmentSum: JavascriptKernel = (
  { x, segmentIds },
  attrs,
  storage: Storage,
) => {
  const { numSegments } = attrs as { numSegments: number };
  const [count] = (segmentIds as TensorInfo).shape as [number];
  const covered =
    x!.dtype === 'float32' && segmentIds!.dtype === 'int32' && segmentIds!.shape.length === 1;
  if (!covered || x!.shape[0] !== count) return undefined;
  const rest = x!.shape.slice(1);
  const width = rest.reduce((n, length) => n * length, 1);
  const from = values(storage, x!);
  const ids = values(storage, segmentIds!);
  // Many rows may meet in one: they add up in float64.
  const sums = new Float64Array(numSegments * width);
  for (let i = 0; i < count; i++) {
    const segment = ids[i]!;
    if (segment < 0 || segment >= numSegments) continue;
    const at = segment * width;
    for (let j = 0; j < width; j++) sums[at + j] = sums[at + j]! + from[i * width + j]!;
  }
  return storage.makeTensorInfo([numSegments, ...rest], 'float32', Float32Array.from(sums));
};
