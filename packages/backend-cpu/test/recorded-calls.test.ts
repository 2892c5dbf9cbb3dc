// What stands between the tests and the sanitizers: scripts/native/preload.cjs records kernel calls, recorded-calls.js chooses.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { addon } from './addon.js';

type SelectCalls = (folder: string, output: string, kernels: string[]) => void;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'strata-recorded-'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(place, { recursive: true }));

/** Runs `code` over `kernels`, the best instruction set's, in a program of its own that is recorded; then chooses. */
async function record(code: string, kernels: string[]): Promise<{ said: string; bytes: number }> {
  const folder = mkdtempSync(join(place, 'calls-'));
  const program = `
    const addon = require(${JSON.stringify(path('../dist/native/strata-cpu.node'))});
    const kernels = addon.kernels(addon.supported()[0]);
    ${code}`;
  for (let processes = 0; processes < 2; processes++) {
    execFileSync(process.execPath, ['-r', path('../scripts/native/preload.cjs'), '-e', program], {
      env: { ...process.env, STRATA_CHECK_RECORD: folder },
    });
  }
  const script = new URL('../scripts/native/recorded-calls.js', import.meta.url).href;
  const { selectCalls } = (await import(script)) as { selectCalls: SelectCalls };
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => said.push(line));
  const output = join(place, 'selected');
  selectCalls(folder, output, kernels);
  return { said: said.join('\n'), bytes: statSync(output).size };
}

/** relu over as many elements, all of them `value`. */
const relu = (n: number, value = 1): string =>
  `kernels.relu(new Float32Array(${n}).fill(${value}), new Float32Array(${n}), ${n});`;

describe.runIf(addon)('recorded calls', () => {
  it('keep two of those that differ in nothing but what arrays hold', async () => {
    const code = [1, 2, 3, 4].map((value) => relu(5, value)).join('') + relu(6);
    const { said } = await record(code, ['relu']);
    expect(said).toMatch(/^1 kernel called by 2 processes and threads; 4 calls to replay/);
    expect(said).toContain('Left out: 6 calls like others, 0 beyond');
  });

  it('are limited in number by their size, and say how many are left out', async () => {
    const sizes = Array.from({ length: 14 }, (_, i) => 20_000 + i);
    const { said, bytes } = await record(sizes.map((n) => relu(n)).join('') + relu(5e6), ['relu']);
    expect(said).toContain('10 calls to replay');
    expect(said).toMatch(/relu: 10 replayed; left out \d+ beyond its number, 2 too large/);
    expect(bytes).toBeGreaterThan(10 * 3 * 4 * 20_000);
  });

  it('count calls without elements, and calls that the kernel refuses', async () => {
    const code = `${relu(0)} try { kernels.relu(new Float32Array(1), null, 1); } catch {}`;
    const { said } = await record(code, ['relu']);
    expect(said).toContain('2 of them with empty arrays, 2 refused by the kernel');
  });

  it('name the kernels of which none is replayed, and why', async () => {
    const code = relu(5e6) + `kernels.negate(new Float32Array(1), new Float32Array(1), 1);`;
    await expect(record(code, ['relu', 'negate', 'softmax'])).rejects.toThrow(
      'no call is replayed of relu (its calls are too large), softmax (no test calls it)',
    );
  });
});
