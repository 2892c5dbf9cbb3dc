import {
  type DType,
  memory,
  type NestedArray,
  Rng,
  ShapeError,
  tensor,
  type Tensor,
  tidy,
} from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import {
  accuracy,
  binaryAccuracy,
  meanAbsoluteError,
  meanSquaredError,
  topKAccuracy,
} from './index.js';
import type { Metric } from './metric.js';

beforeAll(useTestEngine);

/** The metric over batches, as a trainer computes it. */
async function over(
  metric: Metric,
  batches: readonly (readonly [Tensor, Tensor])[],
): Promise<number> {
  let totals = metric.init();
  for (const [output, target] of batches) {
    const next = tidy(() => metric.update(totals, output, target));
    for (const t of Object.values(totals)) t.dispose();
    totals = next;
  }
  const read = await Promise.all(
    Object.entries(totals).map(async ([name, t]) => [name, await t.data()] as const),
  );
  for (const t of [...Object.values(totals), ...batches.flat()]) t.dispose();
  return metric.value(Object.fromEntries(read));
}

const CLASSES = 7;

/** Batches of 1, 40 and 23 rows, with their values on the host. */
function classified(): {
  batches: [Tensor, Tensor][];
  rows: { output: number[]; target: number }[];
} {
  const rng = new Rng(11);
  const batches: [Tensor, Tensor][] = [];
  const rows: { output: number[]; target: number }[] = [];
  for (const n of [1, 40, 23]) {
    const outputs = rng.normalArray(n * CLASSES);
    const targets = Int32Array.from({ length: n }, () => rng.nextInt(CLASSES));
    batches.push([tensor(outputs, [n, CLASSES]), tensor(targets, [n], 'int32')]);
    for (let i = 0; i < n; i++) {
      rows.push({
        output: [...outputs.subarray(i * CLASSES, (i + 1) * CLASSES)],
        target: targets[i]!,
      });
    }
  }
  return { batches, rows };
}

/** How many outputs are greater than the target's. */
const rank = ({ output, target }: { output: number[]; target: number }): number =>
  output.filter((v) => v > output[target]!).length;

describe('counts over batches of several sizes are exact', () => {
  test('accuracy', async () => {
    const { batches, rows } = classified();
    const correct = rows.filter((row) => rank(row) === 0).length;
    expect(correct).toBeGreaterThan(0);
    expect(await over(accuracy(), batches)).toBe(correct / 64);
  });

  test.each([1, 3, CLASSES])('topKAccuracy(%i)', async (k) => {
    const { batches, rows } = classified();
    const hits = rows.filter((row) => rank(row) < k).length;
    expect(await over(topKAccuracy(k), batches)).toBe(hits / 64);
  });

  test('binaryAccuracy, of logits and with a threshold', async () => {
    const logits = [-2, -0.1, 0, 0.1, 3, 0.6];
    const targets = [0, 1, 0, 1, 1, 0];
    const pair = (): [Tensor, Tensor] => [tensor(logits), tensor(targets)];
    expect(await over(binaryAccuracy(), [pair()])).toBe(4 / 6); // wrong: −0.1 and 0.6
    expect(await over(binaryAccuracy({ threshold: 0.5 }), [pair()])).toBe(3 / 6); // 0.1 too
  });
});

test('a tie goes to the lower index: all outputs equal is not all correct', async () => {
  const pair = (): [Tensor, Tensor] => [
    tensor([1, 1, 1, 1, 1, 1], [2, 3]),
    tensor([0, 2], [2], 'int32'),
  ];
  expect(await over(accuracy(), [pair()])).toBe(0.5);
  expect(await over(topKAccuracy(2), [pair()])).toBe(0.5);
});

test('errors are means over elements, not over batches', async () => {
  const batches = (): [Tensor, Tensor][] => [
    [tensor([[1, -2]]), tensor([[0.5, 0]])], // |d| = 0.5, 2
    [
      tensor([[3], [4], [5]].map(([v]) => [v!, 0])),
      tensor([
        [3, 0],
        [0, 0],
        [5, 1],
      ]),
    ], // 0 0, 4 0, 0 1
  ];
  expect(await over(meanAbsoluteError(), batches())).toBe((0.5 + 2 + 4 + 1) / 8);
  expect(await over(meanSquaredError(), batches())).toBe((0.25 + 4 + 16 + 1) / 8);
});

test('a metric of nothing is NaN', async () => {
  expect(await over(accuracy(), [])).toBeNaN();
});

test.each([
  ['labels of float32', accuracy(), [[1, 2]], [0], 'float32'],
  ['more labels than rows', accuracy(), [[1, 2]], [0, 1], 'int32'],
  ['outputs without classes', accuracy(), [1, 2], [0, 1], 'int32'],
  ['one-hot targets', accuracy(), [[1, 2]], [[0, 1]], 'int32'],
  ['fewer classes than k', topKAccuracy(3), [[1, 2]], [0], 'int32'],
  ['shapes that would broadcast', meanAbsoluteError(), [[1], [2]], [1, 2], 'float32'],
  ['other shapes', meanSquaredError(), [[1, 2]], [[1], [2]], 'float32'],
  ['other shapes', binaryAccuracy(), [[1, 2]], [1, 2], 'float32'],
] satisfies [string, Metric, NestedArray, NestedArray, DType][])(
  'refuses %s',
  (_, metric, output, target, dtype) => {
    const before = memory().numTensors;
    tidy(() => {
      const o = tensor(output);
      const t = tensor(target, undefined, dtype);
      expect(() => metric.update(metric.init(), o, t)).toThrow(ShapeError);
    });
    expect(memory().numTensors).toBe(before);
  },
);

test.each([0, 1.5, Number.NaN])('topKAccuracy refuses k=%s', (k) => {
  expect(() => topKAccuracy(k)).toThrow(/integer of at least 1/);
});

test('binaryAccuracy refuses a threshold that is no number', () => {
  expect(() => binaryAccuracy({ threshold: Number.NaN })).toThrow(/finite number/);
});
