// What a program of its own sees: bundled as a user's bundler would, run by a plain `node`.
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addon } from './addon.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, where imports of tfjs resolve; the addon is looked for at ../../dist/native.
mkdirSync(join(root, 'dist'), { recursive: true });
const place = mkdtempSync(join(root, 'dist', 'test-'));
const folder = join(place, 'dist', 'bundle');
const program = join(folder, 'program.mjs');

async function bundle(name: string, code: string): Promise<void> {
  await build({
    stdin: { contents: code, resolveDir: place, loader: 'ts' },
    outfile: join(folder, name),
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['strata-source'],
    external: ['@tensorflow/*'],
    logLevel: 'silent',
  });
}

async function output(
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [program], { env: { ...process.env, ...env } });
}

describe('a program', () => {
  beforeAll(() =>
    bundle(
      'program.mjs',
      `import { add, tensor, use } from '@stratajs/core';
       import { cpu } from '@stratajs/backend-cpu';
       const { info } = await use(cpu());
       const y = await add(tensor([1, 2]), 1).data();
       console.log(JSON.stringify({ tier: info.tier, why: info.whyNotHigher, y: [...y] }));`,
    ),
  );
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('runs without the addon, says why, and prints nothing of its own', async () => {
    const { stdout, stderr } = await output({ STRATA_CPU_TIER: '' });
    const seen = JSON.parse(stdout) as { tier: string; why: string; y: number[] };
    expect(seen).toMatchObject({ tier: 'wasm', y: [2, 3] });
    expect(seen.why).toMatch(/addon is not built \(.*strata-cpu\.node is missing\)/);
    expect(stderr).toBe('');
  });

  it('runs without the WASM package, too, and says what to install', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'strata-'));
    const modules = join(elsewhere, 'node_modules', '@tensorflow');
    mkdirSync(modules, { recursive: true });
    for (const name of ['tfjs-core', 'tfjs-backend-cpu']) {
      symlinkSync(
        realpathSync(join(root, 'node_modules', '@tensorflow', name)),
        join(modules, name),
      );
    }
    cpSync(folder, join(elsewhere, 'dist', 'bundle'), { recursive: true });
    // pnpm's starters put every package of the workspace in NODE_PATH.
    const { stdout, stderr } = await run(
      process.execPath,
      [join(elsewhere, 'dist', 'bundle', 'program.mjs')],
      { env: { ...process.env, NODE_PATH: '' } },
    );
    rmSync(elsewhere, { recursive: true });
    const seen = JSON.parse(stdout) as { tier: string; why: string };
    expect(seen).toMatchObject({ tier: 'javascript', y: [2, 3] });
    expect(seen.why).toContain('the native addon is not built');
    expect(seen.why).toContain(
      '@tensorflow/tfjs-backend-wasm is not installed; install its version',
    );
    expect(stderr).toBe('');
  });

  it('stops where the native tier is demanded and missing', async () => {
    await expect(output({ STRATA_CPU_TIER: 'native' })).rejects.toThrow(
      /None of the engines given to use\(\) can run here:\s+strata-cpu: The native tier/,
    );
  });

  it('goes on without an addon that does not load', async () => {
    const broken = join(place, 'dist', 'native');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'strata-cpu.node'), 'no library');
    const { stdout, stderr } = await output();
    const seen = JSON.parse(stdout) as { tier: string; why: string };
    expect(seen.tier).toBe('wasm');
    expect(seen.why).toMatch(/the native addon does not load: .+/);
    expect(stderr).toBe('');
  });

  it.runIf(addon)('finds the addon', async () => {
    const from = join(root, 'dist', 'native', 'strata-cpu.node');
    cpSync(from, join(place, 'dist', 'native', 'strata-cpu.node'));
    const { stdout, stderr } = await output({ STRATA_THREADS: '2' });
    expect(JSON.parse(stdout)).toEqual({ tier: 'native', why: null, y: [2, 3] });
    expect(stderr).toBe('');
  });

  it('as the README writes it', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [first, second] = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!);
    await bundle('first.mjs', first!);
    await bundle('second.mjs', second!);
    const { stdout } = await run(process.execPath, [join(folder, 'first.mjs')]);
    expect(stdout).toMatch(/^(native|wasm) /);
    expect(stdout).toContain('[ 0.0474');
    const choice = await run(process.execPath, [join(folder, 'second.mjs')]);
    expect(choice.stdout).toMatch(/^(native|javascript) \[/);
  });

  it('bundles for browsers without a word of Node', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "export * from '@stratajs/backend-cpu';", resolveDir: root },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      conditions: ['strata-source'],
      external: ['@tensorflow/*', '#gradients'],
      logLevel: 'silent',
    });
    const text = outputFiles[0]!.text;
    expect(text).toContain('native addons load in Node.js only');
    expect(text).not.toMatch(/from ["']node:|require\(/);
  });
});
