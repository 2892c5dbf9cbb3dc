// Builds dist/native/strata-cpu.node from native/. Without a C++ compiler it says so and succeeds: the engine then runs on
// another tier.
//   CXX       the compiler (may carry arguments); default: the first of g++, clang++, c++ that runs
//   CXXFLAGS  appended to every compilation
import { fileURLToPath } from 'node:url';
import { build } from './native/build.js';
import { findCompiler, words } from './native/compiler.js';
import { targetOf } from './native/targets.js';

const given = process.env['CXX'];
const compiler = findCompiler(given ? [given] : ['g++', 'clang++', 'c++']);
if (!compiler) {
  const tried = given ? `CXX=${given} does not run` : 'found none of g++, clang++, c++';
  console.log(
    `strata-cpu: no C++ compiler (${tried}). The CPU engine will run on WebAssembly, which is slower.`,
  );
  console.log('strata-cpu: install g++ or clang++ and build again to get the native engine.');
  process.exit(0);
}

const target = targetOf(process.platform, process.arch);
try {
  const built = await build({
    compiler,
    target,
    main: 'addon.cc',
    output: fileURLToPath(new URL('../dist/native/strata-cpu.node', import.meta.url)),
    link: target.addonLink,
    flags: words(process.env['CXXFLAGS']),
  });
  if (built) {
    console.log(
      `strata-cpu: built ${Object.keys(target.isas).join(', ')} (${built.compiled} of ${built.of} files compiled)`,
    );
  }
} catch (error) {
  console.error(`${error.message}\nstrata-cpu: the native engine does not build`);
  process.exit(1);
}
