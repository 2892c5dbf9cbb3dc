import { Writable } from 'node:stream';
import { losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../test/engine.js';
import { toyLoader, toyModel } from '../../test/toy.js';
import { metrics, Trainer } from '../index.js';
import type { Callbacks } from '../callbacks.js';
import { createProgress, type ProgressStream } from './node-progress.js';

beforeAll(useTestEngine);

/** What progress writes during a fit whose clock advances `tick` ms at each look. */
async function written(
  isTTY: boolean,
  tick: number,
  fit: (progress: Callbacks) => Promise<unknown>,
): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  Object.assign(stream, { isTTY, columns: 200 });
  let time = 0;
  await fit(createProgress(stream as unknown as ProgressStream, () => (time += tick)));
  return text;
}

async function fit(progress: Callbacks, stopAt: number = 0): Promise<void> {
  const model = toyModel();
  const stop = new AbortController();
  await new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1 }),
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy() },
    callbacks: [progress, { onStepEnd: ({ step }) => void (step === stopAt && stop.abort()) }],
    progress: false,
  }).fit(toyLoader(), { epochs: 2, signal: stop.signal });
}

const EPOCH = String.raw`loss \d\.\d{4}, accuracy [01]\.\d{4} · [\d,]+ samples/s · \d s\n`;

test('plain lines where there is no terminal: each epoch, and now and then between', async () => {
  expect(await written(false, 1, fit)).toMatch(
    new RegExp(`^Epoch 1/2 · ${EPOCH}Epoch 2/2 · ${EPOCH}$`),
  );
  // A second look, 6 s later, is within 10 s; the one after that is not. The last batch leaves it to the epoch's line.
  const line = (epoch: number, percent: number): string =>
    String.raw`Epoch ${epoch}/2 · ${percent}% · loss \d\.\d{4}, accuracy [01]\.\d{4} · [\d,]+ samples/s · \d s left\n`;
  expect(await written(false, 6000, fit)).toMatch(
    new RegExp(
      `^${line(1, 40)}${line(1, 80)}Epoch 1/2 · ${EPOCH}${line(2, 40)}${line(2, 80)}Epoch 2/2 · ${EPOCH}$`,
    ),
  );
});

test('a bar on a terminal, gone when the epoch is done', async () => {
  const text = await written(true, 1000, fit);
  expect(text).toMatch(
    /Epoch 1\/2 ━+─+ 80% · loss \d\.\d{4}, accuracy [01]\.\d{4} · [\d,]+ samples\/s · \d s left/,
  );
  expect(text).toMatch(new RegExp(`Epoch 2/2 · ${EPOCH}$`));
});

test('an interruption is told', async () => {
  for (const isTTY of [false, true]) {
    expect(await written(isTTY, 1, (progress) => fit(progress, 3))).toMatch(
      /Interrupted after step 3; nothing was saved\.\n$/,
    );
  }
});

test('an exception leaves no bar behind', async () => {
  const text = await written(true, 1, async (progress) => {
    const model = toyModel();
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model, { learningRate: 0.1 }),
      loss: () => {
        throw new Error('broken');
      },
      callbacks: progress,
      progress: false,
    });
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow('broken');
  });
  // Lines wrap again, the cursor is back, the line is clear: a shell's prompt comes next.
  expect(text.lastIndexOf('\u001b[?7h')).toBeGreaterThan(text.lastIndexOf('Epoch'));
});
