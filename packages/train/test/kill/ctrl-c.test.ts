import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { latestCheckpoint } from '../../src/index.js';
import { runFolder } from '../run-folder.js';
import { bundle } from './bundle.js';

test('Ctrl-C reaches a process that trains; it saves, says so, and ends', async () => {
  const runDir = runFolder();
  const program = join(dirname(runDir), 'ctrl-c.mjs');
  await bundle(fileURLToPath(new URL('ctrl-c.ts', import.meta.url)), program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, runDir]);
  const told = JSON.parse(stdout) as { interrupted: boolean; step: number; checkpoint: string };
  expect(told.interrupted).toBe(true);
  expect(told.step).toBeGreaterThanOrEqual(3);
  expect(told.step).toBeLessThan(5000);
  expect(await latestCheckpoint(runDir)).toBe(told.checkpoint);
  expect(stderr).toContain(`Interrupted after step ${told.step}; saved as ${told.checkpoint}.`);
});
