import { CheckpointError, decodeSafetensors, encodeSafetensors, memory } from '@stratajs/core';
import { losses } from '@stratajs/layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { runFolder } from '../../test/run-folder.js';
import { toyModel } from '../../test/toy.js';
import { trained, values } from '../../test/trained.js';
import {
  captureCheckpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
  Trainer,
} from '../index.js';

beforeAll(useTestEngine);

const config = { model: { id: 'toy', options: { width: 6 } } };

test('one file holds all that training needs to go on, bit for bit', async () => {
  const parts = await trained(2);
  const count = memory().numTensors;
  const extra = {
    json: { best: 0.5 },
    tensors: { curve: { dtype: 'float32', shape: [2], data: new Float32Array([1, 2]) } },
  } as const;
  const before = await captureCheckpoint({ ...parts, step: 7, config, extra });
  const bytes = await encodeCheckpoint(before);
  expect(memory().numTensors).toBe(count);
  const goOn = async ({ model, optimizer, loader }: typeof parts): Promise<object> => {
    const trainer = new Trainer({ model, optimizer, loss: losses.crossEntropy, progress: false });
    await trainer.fit(loader, { epochs: 1 });
    return { model: await values(model), slots: await values(optimizer) };
  };
  const uninterrupted = await goOn(parts);

  const file = Buffer.from(bytes);
  const after = await decodeCheckpoint(file, 'toy.safetensors');
  expect(file.equals(bytes)).toBe(true);
  expect(after).toEqual({ ...before, path: 'toy.safetensors' });
  const others = await trained(3);
  restoreCheckpoint(after, others);
  expect(await goOn(others)).toEqual(uninterrupted);
});

test('a directory becomes the same file', async () => {
  const parts = await trained(2);
  const options = { ...parts, step: 7, config };
  const path = await saveCheckpoint(runFolder(), options);
  const bytes = await encodeCheckpoint(await readCheckpoint(path));
  expect(bytes).toEqual(await encodeCheckpoint(await captureCheckpoint(options)));
});

test('other programs find the weights by their names', async () => {
  const model = toyModel(2);
  const bytes = await encodeCheckpoint(await captureCheckpoint({ model, step: 0 }));
  const { tensors } = decodeSafetensors(bytes);
  expect(Object.keys(tensors).sort()).toEqual(
    [...model.namedStates()].map(([name]) => name).sort(),
  );
  expect(tensors['0.weight']!.data).toEqual(
    ((await values(model)) as Record<string, Float32Array>)['0.weight'],
  );
});

describe('bad input', () => {
  const made = async (): Promise<Uint8Array> =>
    encodeCheckpoint(await captureCheckpoint({ ...(await trained(2)), step: 1 }));
  const refused = async (bytes: Uint8Array, message: RegExp): Promise<void> => {
    await expect(decodeCheckpoint(bytes, 'x.safetensors')).rejects.toThrow(CheckpointError);
    await expect(decodeCheckpoint(bytes, 'x.safetensors')).rejects.toThrow(message);
  };

  test('no safetensors file, or a part of one', async () => {
    const bytes = await made();
    await refused(new TextEncoder().encode('<html>not found</html>'), /x\.safetensors cannot be/);
    for (const length of [0, 7, 8, 100, bytes.length >> 1, bytes.length - 1])
      await refused(bytes.subarray(0, length), /x\.safetensors cannot be read as a checkpoint/);
  });

  test('any byte altered', async () => {
    const bytes = await made();
    for (let i = 0; i < 97; i++) {
      const altered = bytes.slice();
      const at = Math.floor((i * (bytes.length - 1)) / 96);
      altered[at]! ^= 1;
      await expect(decodeCheckpoint(altered), `byte ${at}`).rejects.toThrow(CheckpointError);
    }
  });

  test("another program's file, a newer version, a hash taken out", async () => {
    const weights = { w: { dtype: 'F32', shape: [1], data: new Float32Array([1]) } } as const;
    const file = (metadata: Record<string, string>): Uint8Array =>
      encodeSafetensors(weights, metadata);
    await refused(file({ format: 'pt' }), /says format 'strata-checkpoint'.*'pt'.*weights alone/s);
    await refused(file({}), /weights alone/);
    await refused(
      file({ format: 'strata-checkpoint', version: '2' }),
      /reads checkpoints of version 1\. Received: x\.safetensors of version '2'/,
    );
    await refused(
      file({ format: 'strata-checkpoint', version: '1' }),
      /altered: its sha256 is missing/,
    );
  });

  test('a model that does not fit stays as it is', async () => {
    const checkpoint = await decodeCheckpoint(await made(), 'x.safetensors');
    const { model, optimizer } = await trained(3);
    const before = await values(model);
    const wrong = {
      ...checkpoint,
      model: { ...checkpoint.model, more: checkpoint.model['0.bias']! },
    };
    expect(() => restoreCheckpoint(wrong, { model, optimizer })).toThrow(
      /x\.safetensors, which does not fit:\n {2}unexpected in the checkpoint: state 'more'/,
    );
    expect(await values(model)).toEqual(before);
  });

  test('a state whose name is that of a slot', async () => {
    const checkpoint = await captureCheckpoint({ model: toyModel(2), step: 1 });
    const model = { ...checkpoint.model, 'optimizer/x': checkpoint.model['0.bias']! };
    await expect(encodeCheckpoint({ ...checkpoint, model })).rejects.toThrow(
      /begin with neither 'optimizer\/' nor 'extra\/'\. Received: 'optimizer\/x'/,
    );
  });
});
