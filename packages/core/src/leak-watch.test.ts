import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { testEngine } from '../test/test-engine.js';
import { engine } from './engine.js';
import { watchLeaks } from './leak-watch.js';
import { keep, memory, tidy } from './memory.js';
import { State } from './state/state.js';
import type { Tensor } from './tensor.js';
import { use } from './use.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const make = (): Tensor => engine().makeTensor(new Float32Array(3), [3], 'float32');
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
let stop: () => void;

beforeAll(async () => {
  await use(testEngine());
  stop = watchLeaks();
});
afterAll(() => {
  stop();
  warn.mockRestore();
});

/** Collects until at most `expected` tensors live; finalizers run between turns of the event loop. */
async function settle(expected: number): Promise<number> {
  for (let i = 0; i < 20 && memory().numTensors > expected; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return memory().numTensors;
}

const losses: Record<string, () => void> = {
  'made in no scope': () => void make(),
  'returned from the outermost scope': () => void tidy(() => make()),
  kept: () => tidy(() => void keep(make())),
  'held by a State': () => {
    using initial = make();
    void new State(initial);
  },
};

it.each(Object.keys(losses))('frees tensors that were lost: %s', async (way) => {
  const before = memory().numTensors;
  for (let i = 0; i < 50; i++) losses[way]!();
  expect(memory().numTensors).toBe(before + 50);
  // The engine's stack may still show the last one or two to the collector.
  expect(await settle(before + 2)).toBeLessThanOrEqual(before + 2);
});

it('warned once, naming the first', () => {
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]![0]).toMatch(/float32 tensor of shape \[3\].*tidy\(\)/s);
});

it('leaves alone what is reachable, disposed, or shares its storage with the living', async () => {
  await settle(0);
  const before = memory().numTensors;
  const kept = make();
  make().dispose();
  const state = new State(kept);
  const read = (): void => void state.value;
  read();
  expect(await settle(before + 2)).toBe(before + 2);
  for (let i = 0; i < 3; i++) collect();
  expect(memory().numTensors).toBe(before + 2);
  expect(await kept.array()).toEqual([0, 0, 0]);
  expect(await State.heldBy(state).array()).toEqual([0, 0, 0]);
  kept.dispose();
  state.dispose();
  expect(memory().numTensors).toBe(before);
});

it('watches nothing once stopped, and the same when asked twice', () => {
  expect(watchLeaks()).toBe(stop);
  stop();
  const again = watchLeaks();
  expect(again).not.toBe(stop);
  again();
});
