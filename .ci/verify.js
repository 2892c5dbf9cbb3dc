// `pnpm verify`: everything that must hold before a change lands, in the order in which it fails
// soonest. Prints what each step took; stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const frozen = process.env['CI'] ? ['--frozen-lockfile'] : [];

const steps = [
  ['install', 'pnpm', ['install', ...frozen]],
  ['build', 'pnpm', ['build']],
  ['lint', 'pnpm', ['lint']],
  ['type-check', 'pnpm', ['typecheck']],
  ['unused code', 'pnpm', ['knip']],
  ['tests', 'pnpm', ['test']],
];

for (const [name, command, args] of steps) {
  console.log(`\n── ${name}: ${command} ${args.join(' ')}`);
  const start = Date.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error || status !== 0) {
    console.error(`\nverify failed in '${name}'${error ? `: ${error.message}` : ''}`);
    process.exit(status || 1);
  }
  console.log(`── ${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

if (!existsSync(`${root}packages/backend-cpu/dist/native/strata-cpu.node`)) {
  console.log('\nNo native addon was built (no C++ compiler): the tests ran on the WASM tier.');
}
console.log('\nverify: all steps passed');
