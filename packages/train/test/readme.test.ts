import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { abs, max, maximum, sub, tensor } from '@stratajs/core';
import { Linear, losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { expect, onTestFinished, test } from 'vitest';
import { type Metric, Trainer } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { bundle } from './kill/bundle.js';
import { RowBatches } from './toy.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [program, metric] = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!) as [
  string,
  string,
];

test('the program of the README learns, and leaves a run', async () => {
  // Here, so that the packages it imports are found.
  const folder = mkdtempSync(fileURLToPath(new URL('readme-', import.meta.url)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, 'program.ts');
  writeFileSync(entry, program);
  await bundle(entry, join(folder, 'program.mjs'));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['program.mjs'], {
    cwd: folder,
  });
  const [, accuracy, checkpoint] = /accuracy: ([\d.]+) \} (\S+)/.exec(stdout)!;
  expect(Number(accuracy)).toBeGreaterThan(0.7);
  expect(checkpoint).toBe(join('runs', 'digits', 'checkpoints', 'step-000120'));
  expect(readdirSync(join(folder, 'runs', 'digits'))).toEqual([
    'checkpoints',
    'config.json',
    'metrics.jsonl',
  ]);
  expect(stderr.match(/Epoch \d\/4 · loss/g)).toHaveLength(4);
});

test('the metric of the README', async () => {
  const worst: Metric = {
    init: () => ({ error: tensor(0) }),
    update: ({ error }, output, target) => ({
      error: maximum(error!, max(abs(sub(output, target)))),
    }),
    value: ({ error }) => Number(error![0]),
  };
  const plain = (code: string): string => code.replaceAll(/[\s,]+/g, '');
  const here = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  expect(plain(here)).toContain(plain(metric));
  await useTestEngine();
  const model = new Linear(1, 1, { bias: false, weightInit: () => tensor([[1]]) });
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 1 }),
    loss: losses.meanSquaredError,
    metrics: { worst },
    progress: false,
  });
  const batches = new RowBatches([
    { x: [[1], [2]], y: [[1], [-3]] },
    { x: [[4]], y: [[1]] },
  ]);
  expect(await trainer.evaluate(batches)).toMatchObject({ worst: 5 });
});
