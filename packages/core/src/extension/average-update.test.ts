import { beforeAll, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { tensor } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { averageUpdate } from './average-update.js';

beforeAll(async () => void (await use(testEngine())));

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const state = (values: number[]): State => tidy(() => new State(tensor(values)));

it('moves averages by the scaled value, and leaves tensors that were read before', async () => {
  const averages = [state([1, 2]), state([4])];
  const before = averages[0]!.value;
  tidy(() =>
    averageUpdate({
      averages,
      values: [tensor([3, Infinity]), tensor([2])],
      weight: 0.5,
      scales: [1, 3],
    }),
  );
  expect(await data(before)).toEqual([1, 2]);
  expect(await data(State.heldBy(averages[0]!))).toEqual([2, 2]);
  expect(await data(State.heldBy(averages[1]!))).toEqual([5]);
});

it('takes averages without elements', () => {
  const empty = state([]);
  tidy(() => averageUpdate({ averages: [empty], values: [tensor([])], weight: 0.5 }));
  expect(empty.shape).toEqual([0]);
});

it('says what is wrong before anything changes', async () => {
  const a = state([1, 2]);
  const values = [tensor([3, 4])];
  const { numTensors } = memory();
  const bad: [Parameters<typeof averageUpdate>[0], new (m: string) => Error, RegExp][] = [
    [{ averages: [], values: [], weight: 0.5 }, ConfigError, /at least one average.*0 averages/],
    [{ averages: [a], values: [], weight: 0.5 }, ConfigError, /1 averages, 0 values/],
    [{ averages: [a, a], values: [...values, ...values], weight: 0.5 }, ConfigError, /twice/],
    [{ averages: values as never, values, weight: 0.5 }, ConfigError, /averages\[0\] is/],
    [{ averages: [a], values: [3 as never], weight: 0.5 }, ShapeError, /values\[0\]/],
    [
      { averages: [a], values: [tensor([1])], weight: 0.5 },
      ShapeError,
      /float32 \[2\], values\[0\] is/,
    ],
    [{ averages: [a], values, weight: 1.1 }, ConfigError, /weight/],
    [{ averages: [a], values, weight: Number.NaN }, ConfigError, /weight/],
    [{ averages: [a], values, weight: 0.5, scales: [] }, ConfigError, /1 finite numbers/],
    [{ averages: [a], values, weight: 0.5, scales: [Infinity] }, ConfigError, /finite/],
  ];
  for (const [update, type, message] of bad) {
    expect(() => averageUpdate(update)).toThrow(type);
    expect(() => averageUpdate(update)).toThrow(message);
  }
  expect(memory().numTensors).toBe(numTensors + 1); // the tensor in the list
  expect(await data(State.heldBy(a))).toEqual([1, 2]);
});
