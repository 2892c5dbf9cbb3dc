// tfjs-core ships its specs as ES modules that Node cannot import, written against jasmine's globals.
// They are bundled into one CommonJS function that takes those globals as an argument, so that
// nothing leaks into the test runner around it. The bundle holds a copy of tfjs-core, too; engine,
// kernels and gradients are process-wide singletons, hence it tests the engine that is already open.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const jasmineGlobals =
  'describe, fdescribe, xdescribe, it, fit, xit, beforeAll, beforeEach, afterAll, afterEach, ' +
  'expect, expectAsync, fail, pending, spyOn, spyOnProperty, jasmine';

await build({
  entryPoints: [path('./specs-entry.js')],
  outfile: path('../dist/tfjs-specs.cjs'),
  bundle: true,
  // Identifiers stay: the stack of a failing spec should be readable.
  minifyWhitespace: true,
  minifySyntax: true,
  format: 'iife',
  platform: 'node',
  mainFields: ['module', 'main'],
  // The field `sideEffects` of tfjs-core would drop every spec.
  ignoreAnnotations: true,
  external: ['jasmine-core'],
  banner: {
    js: `module.exports = function defineSpecs(specs) { const { ${jasmineGlobals} } = specs.jasmineInterface;`,
  },
  footer: { js: 'return specs.defined; };' },
  legalComments: 'eof',
  logLevel: 'warning',
});
