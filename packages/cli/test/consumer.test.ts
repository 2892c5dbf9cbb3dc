/**
 * What a user gets: every package packed to a tarball, the tarballs installed with npm into an empty
 * project, a program compiled against them without `skipLibCheck`, and run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'strata-consumer-'));
const packages = readdirSync(join(root, 'packages')).sort();
const tarballs = new Map<string, string>();

const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const bin = (name: string): string => join(root, 'node_modules/.bin', name);

beforeAll(() => {
  for (const name of packages) {
    const packed = run(
      'pnpm',
      ['pack', '--json', '--pack-destination', folder],
      join(root, 'packages', name),
    );
    tarballs.set(name, (JSON.parse(packed) as { filename: string }).filename);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('every package as a tarball', () => {
  it.each(packages)('%s passes publint and attw', (name) => {
    run(bin('publint'), ['run', tarballs.get(name)!, '--strict']);
    // ESM only: the CommonJS rows of attw's table do not concern us.
    run(bin('attw'), [tarballs.get(name)!, '--profile', 'esm-only', '--no-color']);
  });

  it.each(packages)('%s emits no type that mentions tfjs', (name) => {
    const files = run('tar', ['-tzf', tarballs.get(name)!])
      .split('\n')
      .filter((f) => f.endsWith('.d.ts'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(run('tar', ['-xzOf', tarballs.get(name)!, file]), file).not.toMatch(
        /from '@tensorflow|import\("@tensorflow/,
      );
    }
  });
});

describe('an empty project that installs them with npm', () => {
  beforeAll(() => {
    const dependencies = Object.fromEntries(
      [...tarballs].map(([name, file]) => [`@stratajs/${name}`, `file:${file}`]),
    );
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ type: 'module', private: true, dependencies }),
    );
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts']);
  });

  it('compiles a program with skipLibCheck: false', () => {
    writeFileSync(
      join(folder, 'program.ts'),
      readFileSync(new URL('./consumer-program.ts', import.meta.url)),
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          lib: ['es2022'],
          types: [],
          module: 'nodenext',
          strict: true,
          skipLibCheck: false,
        },
        include: ['program.ts'],
      }),
    );
    run(bin('tsc'), ['-p', folder]);
  });

  it('runs it', () => {
    const printed = run(process.execPath, ['program.js']).trim().split('\n');
    const { loss, first, engine } = JSON.parse(printed.at(-1)!) as Record<string, number>;
    expect(engine).toBe('strata-cpu');
    expect(loss).toBeLessThan(0.5 * first!);
  });

  it('runs the command', () => {
    const models = JSON.parse(
      run(join(folder, 'node_modules/.bin/strata'), ['models', '--json']),
    ) as { id: string }[];
    expect(models.map((m) => m.id)).toContain('lenet5');
  });
});
