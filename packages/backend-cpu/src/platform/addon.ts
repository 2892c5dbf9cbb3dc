import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Addon } from '../native.js';

const require = createRequire(import.meta.url);
const PACKAGE = '@stratajs/backend-cpu';
// The same places seen from src/platform (tests) and from dist/node.
const local = new URL('../../dist/native/strata-cpu.node', import.meta.url);
const manifest = new URL('../../package.json', import.meta.url);

/** Platforms that a package is published for: those of scripts/native/platforms.js. */
export const PUBLISHED: readonly string[] = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-arm64',
  'darwin-x64',
  'win32-x64',
];

/**
 * The native addon: the one that was built here, else the one of the package for this platform; or the
 * reason why there is neither.
 */
export function loadAddon(): Addon | string {
  const path = fileURLToPath(local);
  if (existsSync(path)) return load(path);
  const unbuilt = `the native addon is not built (${path} is missing)`;
  const platform = platformTag();
  if (!PUBLISHED.includes(platform)) {
    return (
      `${unbuilt} and no package brings it for ${platform}; ` +
      "build it from Strata's sources where a C++ compiler is installed"
    );
  }
  const name = `${PACKAGE}-${platform}`;
  let installed: string;
  try {
    installed = require.resolve(`${name}/package.json`);
  } catch {
    return (
      `${unbuilt} and the package ${name} is not installed; install it in the version of ${PACKAGE} ` +
      "(npm leaves it out with --omit=optional), or build the addon from Strata's sources"
    );
  }
  const [own, other] = [versionIn(manifest, PACKAGE), versionIn(installed, name)];
  // Unknown in a program that was bundled into one file.
  if (own !== undefined && own !== other) {
    return `the package ${name} has version ${other}, ${PACKAGE} has ${own}; install equal versions`;
  }
  return load(name);
}

function load(path: string): Addon | string {
  try {
    return require(path) as Addon;
  } catch (error) {
    return `the native addon does not load: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The version in the package.json of the package `name`, if that is whose it is. */
function versionIn(path: string | URL, name: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const found = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
  return found.name === name ? found.version : undefined;
}

/** `<platform>-<arch>`, and on Linux the C library. */
function platformTag(): string {
  const { platform, arch } = process;
  return platform === 'linux'
    ? `linux-${arch}-${hasGlibc() ? 'gnu' : 'musl'}`
    : `${platform}-${arch}`;
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
