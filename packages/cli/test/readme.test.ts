/**
 * Every TypeScript block of the README and of the packages' own READMEs is run, but those marked `ts no-run`:
 * fragments, and programs for a browser or for a project of the reader's.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = new URL('../../..', import.meta.url).pathname;
// Inside this package, whose dependencies the blocks may import.
const folder = new URL('./.readme/', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });
// What they write goes where nothing is.
const before = process.cwd();
const elsewhere = mkdtempSync(join(tmpdir(), 'strata-readme-'));
process.chdir(elsewhere);
afterAll(() => {
  process.chdir(before);
  for (const made of [folder, elsewhere]) rmSync(made, { recursive: true, force: true });
});

const files = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
];

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```ts( no-run)?\n(.*?)^```$/gms)];
  const run = blocks.filter(([, noRun]) => !noRun);

  it('says what it is', () => expect(text).toMatch(/^# .+\n\n\S/));

  it.each(run.map(([, , code], i) => [i + 1, code!] as const))('block %i runs', async (i, code) => {
    const path = join(folder, `${file.replaceAll(/\W/g, '-')}-${i}.ts`);
    writeFileSync(path, code);
    await import(/* @vite-ignore */ path);
  });
});
