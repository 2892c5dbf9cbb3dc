// Node cannot import tfjs-core's ES modules, and the CommonJS bundle that it can import leaves the
// gradients out. So they are bundled into one file; engine and registries are process-wide
// singletons, hence the copy registers with the same ones.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

await build({
  entryPoints: [path('../src/gradients.ts')],
  outfile: path('../dist/gradients.node.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  // The field `sideEffects` of tfjs-core would drop registrations.
  ignoreAnnotations: true,
  logLevel: 'warning',
});
