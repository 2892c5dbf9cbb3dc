import { beforeAll, describe, expect, it } from 'vitest';
import { refuses } from '../../test/refusals.js';
import { testEngine } from '../../test/test-engine.js';
import { valueAndGrad } from '../autodiff/gradients.js';
import { tensor, zeros } from '../create.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

const int = (values: number[]) => tensor(values, undefined, 'int32');

async function read(t: Tensor): Promise<[number[], number[]]> {
  return [t.shape, Array.from((await t.data()) as Float32Array)];
}

describe('tensors without elements', () => {
  it('reduce to the neutral element, where there is one', async () => {
    const x = zeros([2, 0]);
    expect(await read(ops.sum(x))).toEqual([[], [0]]);
    expect(await read(ops.sum(x, { axis: 1 }))).toEqual([[2], [0, 0]]);
    expect(await read(ops.sum(x, { axis: 0, keepDims: true }))).toEqual([[1, 0], []]);
    expect(await read(ops.prod(x, { axis: 1 }))).toEqual([[2], [1, 1]]);
    expect(await read(ops.max(x, { axis: 0 }))).toEqual([[0], []]);
    expect(await read(ops.mean(x, { axis: 0 }))).toEqual([[0], []]);
    const none = ops.notEqual(x, 0);
    expect(await read(ops.all(none))).toEqual([[], [1]]);
    expect(await read(ops.any(none))).toEqual([[], [0]]);
    expect(ops.all(none).dtype).toBe('bool');
    expect(ops.sum(zeros([0], 'bool')).dtype).toBe('int32');
    expect(await read(ops.norm(x))).toEqual([[], [0]]);
  });

  it('have no extreme, mean or index', () => {
    const x = zeros([2, 0]);
    refuses(() => ops.max(x), ShapeError, 'max()', 'no elements', '[2, 0]');
    refuses(() => ops.min(x, { axis: 1 }), ShapeError, 'min()', 'along axes [1]');
    refuses(() => ops.mean(x), ShapeError, 'mean()');
    refuses(() => ops.variance(x), ShapeError, 'variance()');
    refuses(() => ops.argMax(x), ShapeError, 'argMax()', 'along axis 1');
    const rows = zeros([0, 2]);
    refuses(() => ops.topK(rows, 1), ShapeError, 'topK()');
    refuses(() => ops.logSumExp(x), ShapeError, 'no elements');
    const flat = zeros([1, 0, 2, 1]);
    refuses(() => ops.resizeBilinear(flat, [2, 2]), ShapeError, 'pixels');
  });

  it('pass through the other operations', async () => {
    const x = zeros([0, 3]);
    const w = zeros([2, 3]);
    expect(ops.add(x, tensor([1, 2, 3])).shape).toEqual([0, 3]);
    expect(ops.mul(x, 2).shape).toEqual([0, 3]);
    expect(ops.relu(x).shape).toEqual([0, 3]);
    expect(ops.softmax(x).shape).toEqual([0, 3]);
    expect(ops.logSoftmax(x).shape).toEqual([0, 3]);
    expect(ops.cumsum(x, 0).shape).toEqual([0, 3]);
    expect(ops.argMax(x).shape).toEqual([0]);
    expect(ops.reshape(x, [3, 0, 2]).shape).toEqual([3, 0, 2]);
    expect(ops.flatten(x).shape).toEqual([0]);
    expect(ops.transpose(x).shape).toEqual([3, 0]);
    expect(ops.tile(w, [0, 2]).shape).toEqual([0, 6]);
    expect(ops.broadcastTo(zeros([1, 3]), [0, 3]).shape).toEqual([0, 3]);
    expect(ops.reverse(x).shape).toEqual([0, 3]);
    expect(await read(ops.concat([x, w]))).toEqual([
      [2, 3],
      [0, 0, 0, 0, 0, 0],
    ]);
    expect(ops.concat([x, x]).shape).toEqual([0, 3]);
    expect(ops.stack([x, x]).shape).toEqual([2, 0, 3]);
    expect(ops.split(w, [0, 2]).map((t) => t.shape)).toEqual([
      [0, 3],
      [2, 3],
    ]);
    expect(ops.unstack(x)).toEqual([]);
    expect(ops.slice(w, [2], [0]).shape).toEqual([0, 3]);
    expect(ops.stridedSlice(w, [null, 2], [null, 1], [1, 2]).shape).toEqual([2, 0]);
    expect(
      await read(
        ops.pad(
          x,
          [
            [1, 0],
            [0, 0],
          ],
          7,
        ),
      ),
    ).toEqual([
      [1, 3],
      [7, 7, 7],
    ]);
    expect(ops.gather(w, int([])).shape).toEqual([0, 3]);
    expect(await read(ops.gatherNd(zeros([2, 0]), zeros([0, 2], 'int32')))).toEqual([[0], []]);
    expect(await read(ops.gatherNd(zeros([2, 0]), zeros([3, 1], 'int32')))).toEqual([[3, 0], []]);
    expect(await read(ops.scatterNd(zeros([0, 1], 'int32'), zeros([0]), [2]))).toEqual([
      [2],
      [0, 0],
    ]);
    expect(ops.oneHot(int([]), 4).shape).toEqual([0, 4]);
    expect(ops.where(zeros([0], 'bool'), 1, 2).shape).toEqual([0]);
    expect(ops.matmul(x, zeros([3, 2])).shape).toEqual([0, 2]);
    expect(await read(ops.matmul(zeros([1, 0]), zeros([0, 2])))).toEqual([
      [1, 2],
      [0, 0],
    ]);
    expect(ops.matmul(zeros([0, 2, 3]), zeros([3, 2])).shape).toEqual([0, 2, 2]);
    expect(ops.linear(x, w, zeros([2])).shape).toEqual([0, 2]);
    expect(await read(ops.linear(zeros([1, 0]), zeros([2, 0]), tensor([3, 4])))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await read(ops.einsum('ij,jk->ik', zeros([1, 0]), zeros([0, 1])))).toEqual([
      [1, 1],
      [0],
    ]);
    const images = zeros([0, 4, 4, 1]);
    const filter = zeros([2, 2, 1, 3]);
    expect(ops.conv2d(images, filter, { padding: 1 }).shape).toEqual([0, 5, 5, 3]);
    expect(ops.depthwiseConv2d(images, filter).shape).toEqual([0, 3, 3, 3]);
    expect(ops.convTranspose2d(images, zeros([2, 2, 3, 1])).shape).toEqual([0, 5, 5, 3]);
    expect(ops.conv1d(zeros([0, 4, 1]), zeros([2, 1, 3])).shape).toEqual([0, 3, 3]);
    expect(ops.conv3d(zeros([0, 2, 2, 2, 1]), zeros([2, 2, 2, 1, 3])).shape).toEqual([
      0, 1, 1, 1, 3,
    ]);
    expect(ops.maxPool2d(images, { kernelSize: 2 }).shape).toEqual([0, 2, 2, 1]);
    expect(ops.resizeNearestNeighbor(images, [2, 2]).shape).toEqual([0, 2, 2, 1]);
    expect(ops.depthToSpace(zeros([0, 1, 1, 4]), 2).shape).toEqual([0, 2, 2, 1]);
    expect(ops.mirrorPad(zeros([0]), [[0, 0]]).shape).toEqual([0]);
  });

  it('have gradients', async () => {
    const x = zeros([0, 3]);
    const w = tensor([[1, 2, 3]]);
    const { value, grads } = valueAndGrad((a, b) =>
      ops.add(ops.sum(ops.relu(ops.mul(a, b))), ops.sum(ops.concat([a, b]))),
    )(x, w);
    expect(await value.array()).toBe(6);
    expect(await read(grads[0]!)).toEqual([[0, 3], []]);
    expect(await read(grads[1]!)).toEqual([
      [1, 3],
      [1, 1, 1],
    ]);
    const tiled = valueAndGrad((a) => ops.sum(ops.tile(a, [0, 2])))(w);
    expect(await read(tiled.grads[0]!)).toEqual([
      [1, 3],
      [0, 0, 0],
    ]);
  });
});
