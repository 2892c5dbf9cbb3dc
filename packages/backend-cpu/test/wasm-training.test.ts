// An embedding learns on the WASM tier, whose memory stays as it is, and says when there is no more.
import {
  BackendError,
  closeBackends,
  dispose,
  gather,
  memory,
  mul,
  Rng,
  square,
  sub,
  sum,
  tensor,
  tidy,
  use,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import { wasm } from './wasm.js';

beforeAll(() => use(cpu({ tier: 'wasm' })));
afterAll(closeBackends);

it('an embedding learns the mean of what its words stand for', async () => {
  const [words, width, count] = [40, 6, 200];
  const rng = new Rng(3);
  const ids = rng.integers([count], { min: 0, max: words });
  const targets = rng.normal([count, width]);
  let table = zeros([words, width]);
  const step = valueAndGrad((embedding) => sum(square(sub(gather(embedding, ids), targets))));
  const idValues = (await ids.data()) as Int32Array;
  const counts = Array.from({ length: words }, (_, w) => idValues.filter((id) => id === w).length);
  // Each row by its own best step, 1/(2·count): one step of gradient descent is there.
  const rates = tensor(counts.map((n) => [n > 0 ? 1 / (2 * n) : 0]));
  const held = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const { value, grads } = step(table);
    const next = tidy(() => sub(table, mul(grads[0]!, rates)));
    dispose([value, grads, table]);
    table = next;
    held.add(`${memory().numTensors} tensors, ${wasm().numDataIds()} in the program`);
  }
  const learned = (await table.data()) as Float32Array;
  const target = (await targets.data()) as Float32Array;
  for (let w = 0; w < words; w++) {
    for (let j = 0; j < width; j++) {
      let sumOfTargets = 0;
      idValues.forEach((id, i) => (sumOfTargets += id === w ? target[i * width + j]! : 0));
      expect(learned[w * width + j]).toBeCloseTo(sumOfTargets / Math.max(1, counts[w]!), 5);
    }
  }
  expect(held.size).toBe(1);
});

it('memory that runs out is an error, and what there is goes on', async () => {
  const before = wasm().numDataIds();
  const shape = [300, 1024, 1024];
  // Reserved, but never touched: the machine need not have it. 3.5 of 4 GiB.
  const large = [1, 2, 3].map(() => wasm().makeOutput(shape, 'float32'));
  expect(() => zeros(shape)).toThrow(BackendError);
  expect(() => zeros(shape)).toThrow(/WASM tier, which has 4 GiB at most/);
  // More than 2³² bytes, where an address would wrap around.
  expect(() => zeros([2 ** 15, 2 ** 16])).toThrow(BackendError);
  const x = tensor([1, 2, 3]);
  const y = tidy(() => sum(square(x)));
  expect(await y.array()).toBe(14);
  dispose([x, y]);
  for (const { dataId } of large) wasm().disposeData(dataId);
  wasm().disposeData(wasm().makeOutput(shape, 'float32').dataId);
  expect(wasm().numDataIds()).toBe(before);
});
