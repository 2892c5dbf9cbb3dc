// What a check of the Windows build needs on another system: a cross compiler, and Wine to run what it makes.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from './compiler.js';

/**
 * Debian's clang with the MinGW-w64 of its g++, whose folders (`12-posix`, by version and kind of threads) that clang does not
 * find by itself.
 */
export function debianCross() {
  const versions = '/usr/lib/gcc/x86_64-w64-mingw32';
  const version = existsSync(versions)
    ? readdirSync(versions).findLast((name) => name.endsWith('-posix'))
    : undefined;
  if (!version) return 'clang++ --target=x86_64-w64-mingw32';
  const gcc = join(versions, version);
  return (
    'clang++ --target=x86_64-w64-mingw32 -fuse-ld=lld -Wno-unused-command-line-argument ' +
    `-nostdinc++ -isystem ${gcc}/include/c++ -isystem ${gcc}/include/c++/x86_64-w64-mingw32 -L${gcc}`
  );
}

/** The command that runs a program for Windows: none on Windows itself; null where there is no Wine. */
export function findWine() {
  if (process.platform === 'win32') return [];
  const candidates = ['wine', 'wine64', '/usr/lib/wine/wine64'];
  return candidates.map(words).find(([command]) => runs(command)) ?? null;
}

const runs = (command) => spawnSync(command, ['--version']).status === 0;

/** The environment of Wine, whose drives and registry lie in `folder`, for a node.exe that wants Windows 8.1 or newer. */
export const wineEnvironment = (folder) => ({
  WINEPREFIX: join(folder, 'wine'),
  WINEDEBUG: '-all',
  NODE_SKIP_PLATFORM_CHECK: '1',
});

/** Runs a program and prints its output in the end: node.exe cannot write to a pipe of Wine's. */
export function runIntoFile([command, ...args], { output, env }) {
  const file = openSync(output, 'w');
  const { status, signal, error } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  process.stdout.write(readFileSync(output, 'utf8'));
  if (status !== 0) throw error ?? new Error(`${command} ${args[0]} ends with ${signal ?? status}`);
}
