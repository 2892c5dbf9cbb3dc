import { cpSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, defaultRng, Rng, State, tensor } from '@stratajs/core';
import { losses, Module } from '@stratajs/layers';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { runFolder } from '../../test/run-folder.js';
import { toyModel } from '../../test/toy.js';
import { trained, values } from '../../test/trained.js';
import {
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
  Trainer,
} from '../index.js';

beforeAll(useTestEngine);

test('what is saved is what is loaded: weights, slots, positions, generators, and what was added', async () => {
  const directory = runFolder();
  const a = await trained(2);
  const own = new Rng(40);
  own.nextUniform();
  const path = await saveCheckpoint(directory, {
    ...a,
    step: 5,
    rngs: { own },
    config: { model: { id: 'toy' } },
    extra: {
      json: { note: [1, 'two'] },
      tensors: { kept: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) } },
    },
  });
  const expected = [
    await values(a.model),
    await values(a.optimizer),
    a.loader.state(),
    own.state(),
  ];
  const drawn = [...a.model.namedRngs()].map(([, rng]) => rng.state());
  const next = [own.nextUniform(), defaultRng().nextUniform()];

  const b = await trained(3);
  const other = new Rng(1);
  const checkpoint = await loadCheckpoint(path, { ...b, rngs: { own: other } });
  expect([
    await values(b.model),
    await values(b.optimizer),
    b.loader.state(),
    other.state(),
  ]).toEqual(expected);
  expect([...b.model.namedRngs()].map(([, rng]) => rng.state())).toEqual(drawn);
  expect([other.nextUniform(), defaultRng().nextUniform()]).toEqual(next);
  expect(checkpoint).toMatchObject({
    step: 5,
    config: { model: { id: 'toy' } },
    extra: {
      json: { note: [1, 'two'] },
      tensors: { kept: { dtype: 'bool', data: Uint8Array.of(1, 0) } },
    },
  });
});

test('the weights are a safetensors file on their own, which says the layouts', async () => {
  const path = await saveCheckpoint(runFolder(), { model: toyModel(), step: 1 });
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(path, 'model.safetensors')));
  expect(Object.keys(tensors).sort()).toEqual(['0.bias', '0.weight', '3.bias', '3.weight']);
  expect(tensors['0.weight']).toMatchObject({ dtype: 'F32', shape: [6, 4] });
  expect(JSON.parse(metadata['layouts']!)).toMatchObject({
    '0.weight': 'linear',
    '0.bias': 'vector',
  });
});

test('to evaluate, only weights are put back: no generator moves', async () => {
  const path = await saveCheckpoint(runFolder(), { ...(await trained(2)), step: 5 });
  const model = toyModel(3);
  const before = [defaultRng().state(), [...model.namedRngs()].map(([, rng]) => rng.state())];
  await loadCheckpoint(path, { model });
  expect([defaultRng().state(), [...model.namedRngs()].map(([, rng]) => rng.state())]).toEqual(
    before,
  );
});

test('int32 and bool states, empty ones, NaN and infinities survive, bit by bit', async () => {
  class Odd extends Module {
    counter: State;
    mask: State;
    none: State;
    wild: State;
    constructor(v: number) {
      super();
      this.counter = new State(tensor([v, -(2 ** 31), 2 ** 31 - 1], [3], 'int32'));
      this.mask = new State(tensor([v > 0, false]));
      this.none = new State(tensor([], [0, 3]));
      this.wild = new State(tensor([Number.NaN, Infinity, -Infinity, -0, v, 1e-42]));
    }
    forward(): void {}
  }
  const [a, b] = [new Odd(1), new Odd(0)];
  await loadCheckpoint(await saveCheckpoint(runFolder(), { model: a, step: 1 }), { model: b });
  expect(await values(b)).toEqual(await values(a));
});

test('the newest are kept, and nothing else is left', async () => {
  const directory = runFolder();
  for (const step of [5, 10, 100, 1000000, 1000001]) {
    await saveCheckpoint(directory, { model: toyModel(), step, keepLast: 2 });
  }
  expect(readdirSync(directory)).toEqual(['step-1000000', 'step-1000001']);
  // The same step again does not touch the one before.
  const again = await saveCheckpoint(directory, { model: toyModel(), step: 1000001, keepLast: 2 });
  expect(readdirSync(directory)).toEqual(['step-1000001', 'step-1000001.1']);
  expect(await latestCheckpoint(directory)).toBe(again);
});

test('what a killed process left is no checkpoint, and goes with the next one', async () => {
  const directory = runFolder();
  const path = await saveCheckpoint(directory, { model: toyModel(), step: 1 });
  for (const ending of ['tmp', 'retired', 'superseded']) {
    cpSync(path, join(directory, `step-000009.${ending}`), { recursive: true });
  }
  expect(await latestCheckpoint(directory)).toBe(path);
  await saveCheckpoint(directory, { model: toyModel(), step: 2 });
  expect(readdirSync(directory)).toEqual(['step-000001', 'step-000002']);
});

test('a run directory without checkpoints has none', async () => {
  expect(await latestCheckpoint(runFolder())).toBeNull();
  expect(await listCheckpoints(runFolder())).toEqual([]);
});

test.each([{ step: -1 }, { step: 1.5 }, { step: 1, keepLast: 0 }])(
  'saveCheckpoint refuses %o',
  async (bad) => {
    const directory = runFolder();
    await expect(saveCheckpoint(directory, { model: toyModel(), ...bad })).rejects.toThrow(
      /integer of at least/,
    );
    expect(existsSync(directory)).toBe(false);
  },
);

test('the values are those of the call, whatever changes while they are written', async () => {
  const directory = runFolder();
  const { model, optimizer, loader } = await trained(2);
  const before = await values(model);
  const saving = saveCheckpoint(directory, { model, optimizer, step: 5 });
  await new Trainer({ model, optimizer, loss: losses.crossEntropy, progress: false }).fit(loader, {
    epochs: 1,
  });
  const path = await saving;
  expect(await values(model)).not.toEqual(before);
  await loadCheckpoint(path, { model });
  expect(await values(model)).toEqual(before);
  renameSync(path, `${path}.moved`); // a checkpoint may be moved
  await expect(readCheckpoint(`${path}.moved`)).resolves.toMatchObject({ step: 5 });
});
