// Puts a package's modules into one file for Node, dist/node/index.js: importing a hundred small files
// takes Node longer than running them. Browsers' bundlers take the modules one by one, as they can drop
// those that a program does not use. Run in the package's folder after `tsc -b`.
import { build } from 'esbuild';

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

await build({
  entryPoints: ['dist/index.js'],
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
