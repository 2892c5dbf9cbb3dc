import { CheckpointError, Rng } from '@stratajs/core';
import { Dropout, Linear, ReLU, Sequential } from '@stratajs/layers';
import { Adam, SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { runFolder } from '../../test/run-folder.js';
import { toyLoader, toyModel } from '../../test/toy.js';
import { trained, values } from '../../test/trained.js';
import { loadCheckpoint, saveCheckpoint } from '../index.js';

beforeAll(useTestEngine);

describe('a checkpoint that does not fit changes nothing, and says all that differs', () => {
  test.each([
    [
      'another width',
      () => new Sequential(new Linear(4, 7), new ReLU(), new Dropout(0.1), new Linear(7, 3)),
      /other shape: state '0\.weight' is float32 \[7, 4\] here and float32 \[6, 4\].*\n.*'0\.bias'/,
    ],
    [
      'more layers',
      () =>
        new Sequential(
          new Linear(4, 6),
          new Linear(6, 3),
          new Dropout(0.1),
          new Linear(6, 3),
          new Linear(3, 3),
        ),
      /missing in the checkpoint: state '1\.weight'[^]*state '4\.bias'/,
    ],
    [
      'fewer layers',
      () => new Sequential(new Linear(4, 6)),
      /unexpected in the checkpoint: state '3\.weight'/,
    ],
  ])('%s', async (_, make, message) => {
    const model = make();
    const path = await saveCheckpoint(runFolder(), { model: toyModel(), step: 1 });
    const before = await values(model);
    await expect(loadCheckpoint(path, { model })).rejects.toThrow(message);
    await expect(loadCheckpoint(path, { model })).rejects.toThrow(CheckpointError);
    expect(await values(model)).toEqual(before);
  });

  test('another optimizer, its settings, a checkpoint without one', async () => {
    const saved = await trained(2);
    const path = await saveCheckpoint(runFolder(), { ...saved, step: 1 });
    const { model } = await trained(3);
    const before = await values(model);
    for (const [optimizer, message] of [
      [
        new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
        /missing in the checkpoint: optimizer slot 'momentum\/0\.weight'/,
      ],
      [
        new SGD(model, { learningRate: 0.1 }),
        /unexpected in the checkpoint: optimizer slot 'step'/,
      ],
      [new Adam(model, { beta1: 0.5 }), /beta1/],
    ] as const) {
      await expect(loadCheckpoint(path, { model, optimizer })).rejects.toThrow(message);
      await expect(loadCheckpoint(path, { model, optimizer })).rejects.toThrow(CheckpointError);
    }
    const bare = await saveCheckpoint(runFolder(), { model: saved.model, step: 1 });
    await expect(loadCheckpoint(bare, { model, optimizer: new Adam(model) })).rejects.toThrow(
      /missing in the checkpoint: the optimizer/,
    );
    await expect(loadCheckpoint(bare, { model, loader: toyLoader() })).rejects.toThrow(
      /the loader's position/,
    );
    expect(await values(model)).toEqual(before);
  });

  test('another loader', async () => {
    const { model, optimizer, loader } = await trained(2);
    const path = await saveCheckpoint(runFolder(), { model, optimizer, loader, step: 1 });
    const other = toyLoader();
    Object.assign(other, { batchSize: 6 });
    await expect(loadCheckpoint(path, { model, optimizer, loader: other })).rejects.toThrow(
      /batchSize=5, and this one has batchSize=6/,
    );
  });

  test('other generators', async () => {
    const { model, optimizer } = await trained(2);
    const path = await saveCheckpoint(runFolder(), {
      model,
      optimizer,
      rngs: { a: new Rng(1) },
      step: 1,
    });
    await expect(
      loadCheckpoint(path, { model, optimizer, rngs: { b: new Rng(1) } }),
    ).rejects.toThrow(
      /missing in the checkpoint: generator 'b'\n.*unexpected in the checkpoint: generator 'a'/,
    );
  });
});
