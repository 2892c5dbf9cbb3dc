// scripts/prebuilt.js: the packages that carry the addon. That they install and run is packages/cli/test/consumer.test.ts's.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { PUBLISHED } from '../src/platform/addon.js';

const script = fileURLToPath(new URL('../scripts/prebuilt.js', import.meta.url));
const own = new URL('../package.json', import.meta.url);
const { version, optionalDependencies } = JSON.parse(readFileSync(own, 'utf8')) as Manifest;
const folder = mkdtempSync(join(tmpdir(), 'strata-prebuilt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Manifest {
  version: string;
  optionalDependencies: Record<string, string>;
}

/** Fields of package.json that say where a package may be installed. */
interface Fits {
  os: string[];
  cpu: string[];
  libc?: string[];
}

const prebuilt = (...args: string[]): string =>
  execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: 'pipe' });

/** A package as it lies there once it is made, with a file that stands for the addon. */
function place(platform: string, its = version): void {
  mkdirSync(join(folder, platform), { recursive: true });
  writeFileSync(join(folder, platform, 'package.json'), JSON.stringify({ version: its }));
  writeFileSync(join(folder, platform, 'strata-cpu.node'), '');
}

describe('packages of the addon', () => {
  it('are made for the platforms that the engine looks for, and fit on no other', async () => {
    const url = new URL('../scripts/native/platforms.js', import.meta.url).href;
    const { PLATFORMS } = (await import(url)) as { PLATFORMS: Record<string, Fits> };
    expect(Object.keys(PLATFORMS)).toEqual(PUBLISHED);
    const libraries: Record<string, string> = { gnu: 'glibc', musl: 'musl' };
    for (const [platform, fits] of Object.entries(PLATFORMS)) {
      const [os, arch, library] = platform.split('-');
      const libc = library && { libc: [libraries[library]] };
      expect(fits).toEqual({ os: [os], cpu: [arch], ...libc });
    }
  });

  it('are made for no other', () => {
    expect(() => prebuilt('package', 'amiga-m68k', folder)).toThrow(
      /The platform is one of linux-x64-gnu, .*Received: amiga-m68k/,
    );
  });

  it('become optional dependencies when all are there in one version', () => {
    const manifest = join(folder, 'package.json');
    writeFileSync(manifest, readFileSync(own));
    const [last, ...others] = PUBLISHED.toReversed();
    for (const platform of others) place(platform);
    expect(() => prebuilt('require', folder, manifest)).toThrow(`Missing: ${last}`);
    place(last!, '9.9.9');
    expect(() => prebuilt('require', folder, manifest)).toThrow(
      `-${last} has version 9.9.9, @stratajs/backend-cpu has ${version}`,
    );
    expect(readFileSync(manifest, 'utf8')).toBe(readFileSync(own, 'utf8'));
    place(last!);
    prebuilt('require', folder, manifest);
    const written = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    expect(written).toEqual({
      ...JSON.parse(readFileSync(own, 'utf8')),
      optionalDependencies: {
        ...optionalDependencies,
        ...Object.fromEntries(PUBLISHED.map((p) => [`@stratajs/backend-cpu-${p}`, version])),
      },
    });
  });
});
