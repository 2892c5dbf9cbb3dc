// What follows `tsc -b` in a package's build; run in the package's folder.
//
// 1. Declarations that no public one leads to are removed: users see the public types alone, none of
//    tfjs's among them.
// 2. Where package.json exports a file for Node, all modules are put into it: importing a hundred small
//    files takes Node longer than running them. Browsers' bundlers take the modules one by one, as they
//    can drop those that a program does not use.
import { execSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(manifest.exports);

/** The declaration files that `file` leads to, itself included. */
function reachable(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  if (!existsSync(file)) {
    // An earlier build removed it, when nothing public led to it; for tsc it is made.
    rmSync('dist/.tsbuildinfo');
    execSync('tsc -b', { stdio: 'inherit' });
  }
  for (const [, path] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\()["'](\.[^"']+)\.js["']/g,
  )) {
    reachable(join(dirname(file), `${path}.d.ts`), found);
  }
  return found;
}

const kept = new Set();
for (const { types } of entries) reachable(join(types), kept);
/** Removes the others. Links are left alone: a Wine prefix among the native checks has one to the whole machine. */
function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) prune(path);
    else if (path.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
  }
}
prune('dist');

/**
 * tfjs comes as CommonJS. Imported, Node reads it through for names to export, 100 ms of it; required, it
 * loads in 40 ms.
 */
const requireTfjs = {
  name: 'require-tfjs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\// }, ({ path, namespace, kind }) => {
      if (namespace === 'tfjs' || kind === 'dynamic-import') return { path, external: true };
      return { path, namespace: 'tfjs', sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: 'tfjs' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: process.cwd(),
    }));
  },
};

// Chunks are named by their content: those of an earlier build would stay.
rmSync('dist/node', { recursive: true, force: true });
const forNode = entries.filter((entry) => entry.node);
if (forNode.length > 0)
  await build({
    entryPoints: forNode.map((entry) => entry.default),
    outdir: 'dist/node',
    bundle: true,
    // What is imported dynamically (gradients, platform) stays a file of its own.
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['node'],
    packages: 'external',
    plugins: [requireTfjs],
    banner: {
      // Names that no module of ours has: esbuild does not see what a banner declares.
      js: "import { createRequire as bannerRequire } from 'node:module';\nconst require = bannerRequire(import.meta.url);",
    },
    target: 'node20',
    logLevel: 'warning',
  });
