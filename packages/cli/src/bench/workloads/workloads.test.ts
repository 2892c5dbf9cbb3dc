import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpu } from '@stratajs/backend-cpu';
import { closeBackends, memory, register, use } from '@stratajs/core';
import { vision } from '@stratajs/vision';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WORKLOADS, workloadNamed } from './index.js';

const peers = fileURLToPath(new URL('../../../peers/workloads/', import.meta.url));

beforeAll(async () => {
  await use(cpu());
  register(vision);
});
afterAll(closeBackends);

it('has each name once', () => {
  const names = WORKLOADS.map((w) => w.name);
  expect(new Set(names).size).toBe(names.length);
});

it("has all of them on PyTorch's side too", () => {
  const known = new Set(
    readdirSync(peers)
      .filter((name) => name.endsWith('.py'))
      .flatMap((name) => [...readFileSync(peers + name, 'utf8').matchAll(/"([a-z0-9-]+)"[:\]]/g)])
      .map(([, name]) => name),
  );
  expect(WORKLOADS.map((w) => w.peerName ?? w.name).filter((name) => !known.has(name))).toEqual([]);
});

it.each([
  'matmul-odd',
  'top-k',
  'add-one',
  'grad-small',
  'grad-small-compiled',
  'scalar-chain-compiled',
  'elementwise-chain-compiled',
  'gru-compiled',
  'gru',
  'transformer-layer',
  'matmul-deep',
])('runs %s to a number, and keeps no tensors from run to run', async (name) => {
  const run = workloadNamed(name)!.prepare();
  expect(await run(1)).toBeTypeOf('number');
  const { numTensors } = memory();
  expect(Number.isFinite(await run(3))).toBe(true);
  expect(memory().numTensors).toBe(numTensors);
});
