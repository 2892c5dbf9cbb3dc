/**
 * What a user gets: every package packed to a tarball, the tarballs installed with npm into an empty
 * project, a program compiled against them without `skipLibCheck`, and run; first without the package
 * that carries the native addon, then with it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'strata-consumer-'));
const packages = readdirSync(join(root, 'packages')).sort();
const tarballs = new Map<string, string>();

const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const addon = join(root, 'packages/backend-cpu/dist/native/strata-cpu.node');
const prebuilt = join(root, 'packages/backend-cpu/scripts/prebuilt.js');
// Tests run where the C library of Linux is glibc.
const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;

/** What the engine says of itself in a program of the project. */
function engine(): { tier: string; whyNotHigher: string | null } {
  const code = `import { use } from '@stratajs/core';
    import { cpu } from '@stratajs/backend-cpu';
    console.log(JSON.stringify((await use(cpu())).info));`;
  writeFileSync(join(folder, 'engine.js'), code);
  // Whatever the tests themselves were told to use; pnpm's starters set NODE_PATH.
  const env = { ...process.env, STRATA_CPU_TIER: '', STRATA_ISA: '', NODE_PATH: '' };
  const printed = execFileSync(process.execPath, ['engine.js'], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  return JSON.parse(printed) as { tier: string; whyNotHigher: string | null };
}

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

  it('runs on the next tier without the package of the addon, and says which to install', () => {
    const { tier, whyNotHigher } = engine();
    expect(tier).toBe('wasm');
    expect(whyNotHigher).toMatch(/addon is not built \(.*strata-cpu\.node is missing\)/);
    expect(whyNotHigher).toContain(
      `the package @stratajs/backend-cpu-${platform} is not installed`,
    );
    expect(whyNotHigher).toContain('install it in the version of @stratajs/backend-cpu');
  });

  it('runs the command', () => {
    const models = JSON.parse(
      run(join(folder, 'node_modules/.bin/strata'), ['models', '--json']),
    ) as { id: string }[];
    expect(models.map((m) => m.id)).toContain('lenet5');
  });

  describe.runIf(existsSync(addon))('with the package that carries the addon', () => {
    beforeAll(() => {
      run(process.execPath, [prebuilt, 'package', platform, folder]);
      const [packed] = JSON.parse(
        run('npm', ['pack', '--json', join(folder, platform), '--pack-destination', folder]),
      ) as { filename: string }[];
      run('npm', ['install', '--no-audit', '--no-fund', `file:${join(folder, packed!.filename)}`]);
    });

    it('runs the native tier', () => {
      expect(engine()).toMatchObject({ tier: 'native', whyNotHigher: null });
      run(process.execPath, ['program.js'], folder);
    });

    it('refuses one of another version', () => {
      const path = join(folder, `node_modules/@stratajs/backend-cpu-${platform}/package.json`);
      const manifest = readFileSync(path, 'utf8');
      writeFileSync(path, JSON.stringify({ ...JSON.parse(manifest), version: '0.0.1-other' }));
      try {
        const { tier, whyNotHigher } = engine();
        expect(tier).toBe('wasm');
        expect(whyNotHigher).toMatch(/has version 0\.0\.1-other, .* install equal versions/);
      } finally {
        writeFileSync(path, manifest);
      }
    });
  });
});
