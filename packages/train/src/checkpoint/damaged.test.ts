import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CheckpointError, memory, Rng } from '@stratajs/core';
import { files } from '#platform';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { runFolder } from '../../test/run-folder.js';
import { toyModel } from '../../test/toy.js';
import { trained, values } from '../../test/trained.js';
import { latestCheckpoint, loadCheckpoint, readCheckpoint, saveCheckpoint } from '../index.js';

beforeAll(useTestEngine);

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
