import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A path for a run of this test alone, removed after it. */
export function runFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'strata-train-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return join(root, 'run');
}
