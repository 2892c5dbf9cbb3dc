// Builds dist/native/strata-cpu.node from native/. Without a C++ compiler it says so and succeeds: the engine then runs on
// another tier.
//   CXX       the compiler (may carry arguments); default: the first of g++, clang++, c++ that runs, on Windows clang++
//   CXXFLAGS  appended to every compilation
import { fileURLToPath } from 'node:url';
import { build } from './native/build.js';
import { findCompiler, words } from './native/compiler.js';
import { targetOf } from './native/targets.js';

const target = targetOf(process.platform, process.arch);
const given = process.env['CXX'];
const compiler = findCompiler(given ? [given] : target.compilers, target);
if (!compiler) {
  const wanted = target.compilers.join(', ');
  const tried = given
    ? `CXX=${given} does not run, or not for this system`
    : `found none of ${wanted}`;
  console.log(
    `strata-cpu: no C++ compiler (${tried}). The CPU engine will run on WebAssembly, which is slower.`,
  );
  console.log(`strata-cpu: install ${target.remedy} and build again to get the native engine.`);
  process.exit(0);
}

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
