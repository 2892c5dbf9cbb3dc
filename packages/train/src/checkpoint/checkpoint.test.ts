import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  CheckpointError,
  decodeSafetensors,
  defaultRng,
  memory,
  Rng,
  State,
  tensor,
  tidy,
} from '@stratajs/core';
import { Dropout, Linear, losses, Module, ReLU, Sequential } from '@stratajs/layers';
import { Adam, SGD } from '@stratajs/optimizers';
import { files } from '#platform';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { runFolder } from '../../test/run-folder.js';
import { toyLoader, toyModel } from '../../test/toy.js';
import {
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
  Trainer,
} from '../index.js';

beforeAll(useTestEngine);

/** A model, optimizer and loader after one epoch, so that no slot is zero. */
async function trained(
  seed: number,
): Promise<{ model: Sequential; optimizer: Adam; loader: ReturnType<typeof toyLoader> }> {
  const model = toyModel(seed);
  const optimizer = new Adam(model, { learningRate: 0.01 });
  const loader = toyLoader(seed);
  await new Trainer({ model, optimizer, loss: losses.crossEntropy, progress: false }).fit(loader, {
    epochs: 1,
  });
  return { model, optimizer, loader };
}

async function values(holder: {
  namedStates(): Iterable<readonly [string, State]>;
}): Promise<object> {
  const entries = [...holder.namedStates()].map(async ([name, s]) => {
    const value = tidy(() => s.value);
    const data = await value.data();
    value.dispose();
    return [name, data] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as object;
}

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

describe('a file that went wrong', () => {
  let directory: string;
  let good: string;
  let bad: string;

  beforeEach(async () => {
    directory = runFolder();
    const parts = await trained(2);
    good = await saveCheckpoint(directory, { ...parts, step: 5 });
    bad = await saveCheckpoint(directory, { ...parts, step: 10 });
  });

  /** Reading fails with `message` and names the good one, and the newest is not silently passed over. */
  async function refused(message: RegExp): Promise<void> {
    const model = toyModel(9);
    const before = await values(model);
    const count = memory().numTensors;
    await expect(loadCheckpoint(bad, { model })).rejects.toThrow(CheckpointError);
    await expect(readCheckpoint(bad)).rejects.toThrow(message);
    await expect(latestCheckpoint(directory)).rejects.toThrow(message);
    await expect(latestCheckpoint(directory)).rejects.toThrow(
      `The newest good one beside it is ${good}`,
    );
    expect(memory().numTensors).toBe(count);
    expect(await values(model)).toEqual(before);
  }

  const all = ['model.safetensors', 'training.safetensors', 'state.json', 'manifest.json'];

  test.each(all)('%s truncated, anywhere', async (name) => {
    const file = join(bad, name);
    const bytes = readFileSync(file);
    for (const length of [0, 1, bytes.length >> 1, bytes.length - 2]) {
      truncateSync(file, length);
      const message =
        name === 'manifest.json'
          ? /manifest\.json/
          : new RegExp(`${name} has ${length} bytes.*truncated`);
      await refused(message);
      writeFileSync(file, bytes);
    }
    expect((await readCheckpoint(bad)).step).toBe(10);
  });

  test.each(all)('any bit of %s flipped', async (name) => {
    const file = join(bad, name);
    const bytes = readFileSync(file);
    const rng = new Rng(13);
    for (let i = 0; i < 40; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[rng.nextInt(bytes.length)]! ^= 1 << rng.nextInt(8);
      writeFileSync(file, flipped);
      await expect(readCheckpoint(bad)).rejects.toThrow(CheckpointError);
    }
    await refused(name === 'manifest.json' ? /./ : new RegExp(`${name} was altered`));
  });

  test.each(all)('%s missing', async (name) => {
    rmSync(join(bad, name));
    await refused(name === 'manifest.json' ? /has none/ : new RegExp(`${name} is missing`));
  });

  test('swapped with that of another checkpoint', async () => {
    writeFileSync(join(bad, 'state.json'), readFileSync(join(good, 'state.json')));
    await refused(/state\.json/);
  });

  test('another format, or version', async () => {
    const manifest = JSON.parse(readFileSync(join(bad, 'manifest.json'), 'utf8')) as object;
    writeFileSync(join(bad, 'manifest.json'), JSON.stringify({ ...manifest, format: 'theirs' }));
    await refused(/says format 'strata-checkpoint'.*"theirs"/);
    writeFileSync(join(bad, 'manifest.json'), JSON.stringify({ ...manifest, version: 2 }));
    await refused(
      /of version 1\..*of version 2\. Read it with the version of Strata that wrote it/,
    );
    for (const text of ['null', '[]', '7', '{"format":"strata-checkpoint","version":1}']) {
      writeFileSync(join(bad, 'manifest.json'), text);
      await refused(/./);
    }
  });

  test("another program's directory, a file, or nothing there", async () => {
    const foreign = join(dirname(directory), 'foreign');
    cpSync(join(good, 'model.safetensors'), join(foreign, 'model.safetensors'));
    for (const path of [
      foreign,
      join(foreign, 'model.safetensors'),
      join(directory, 'step-000007'),
    ]) {
      await expect(readCheckpoint(path)).rejects.toThrow(
        /A checkpoint is a directory with a manifest\.json/,
      );
    }
  });

  test('both damaged: says that no good one is left', async () => {
    rmSync(join(bad, 'state.json'));
    rmSync(join(good, 'state.json'));
    await expect(readCheckpoint(bad)).rejects.toThrow(/No good one lies beside it/);
  });
});

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

describe('a disk that refuses', () => {
  test.each(['makeDirectory', 'write', 'sync', 'rename'] as const)(
    '%s fails: the one before stays',
    async (call) => {
      const directory = runFolder();
      const path = await saveCheckpoint(directory, { model: toyModel(), step: 1 });
      const works = files[call];
      onTestFinished(() => void Object.assign(files, { [call]: works }));
      let calls = 0;
      const fails = (...args: [string, never]): Promise<void> =>
        calls++ === (call === 'write' ? 2 : 0)
          ? Promise.reject(new Error('ENOSPC: no space left'))
          : works(...args);
      Object.assign(files, { [call]: fails });
      await expect(saveCheckpoint(directory, { model: toyModel(), step: 2 })).rejects.toThrow(
        /step 2 could not be written to .*: ENOSPC: no space left\..*untouched/,
      );
      expect(readdirSync(directory)).toEqual(['step-000001']);
      expect(await latestCheckpoint(directory)).toBe(path);
    },
  );

  test('the directory is a file', async () => {
    const directory = runFolder();
    writeFileSync(directory, 'mine');
    await expect(saveCheckpoint(directory, { model: toyModel(), step: 2 })).rejects.toThrow(
      CheckpointError,
    );
    expect(readFileSync(directory, 'utf8')).toBe('mine');
  });
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
