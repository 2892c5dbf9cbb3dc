// What is particular to a processor and an operating system: instruction sets, flags of compiler and linker.

/** Best first: the order in which the engine prefers them. */
const INSTRUCTION_SETS = {
  x64: {
    avx512: [
      '-mavx512f',
      '-mavx512vl',
      '-mavx512dq',
      '-mavx512bw',
      '-mavx2',
      '-mfma',
      // Tells of a write ahead; processors that lack it ignore it.
      '-mprfchw',
      '-mprefer-vector-width=512',
    ],
    avx2: ['-mavx2', '-mfma', '-mprfchw'],
    generic: [],
  },
  // Part of every 64-bit ARM: what the compiler makes without being told.
  arm64: { neon: [], generic: [] },
};

const POSIX = {
  system: 'posix',
  flags: ['-fPIC', '-pthread'],
  programLink: ['-pthread'],
  compilers: ['g++', 'clang++', 'c++'],
  remedy: 'g++ or clang++',
};

/**
 * Code for Windows wants clang, with the headers and libraries of MinGW-w64 (msys2's CLANG64 and llvm-mingw have both; so has
 * Debian). GCC aligns the stack to 16 bytes there and spills wider vectors to it all the same (its bug 54412); Microsoft's
 * compiler has no vector types.
 */
const WINDOWS = {
  system: 'win32',
  // How Node's functions are found: native/runtime/node-api-win32.cc.
  flags: ['-DNAPI_EXTERN=__declspec(dllimport)'],
  addonLink: ['-shared', '-static'],
  programLink: ['-static', '-pthread'],
  compilers: ['clang++'],
  remedy: "clang++ for MinGW (msys2's package mingw-w64-clang-x86_64-clang)",
  saysItFits: /^Target: .*-windows-gnu$/m,
};

/**
 * @returns isas         instruction set → flags
 *          system       the files of native/ whose names end with it are compiled, those of other systems are not
 *          flags        for every compilation
 *          addonLink, programLink  for the linker
 *          compilers    to look for, and in words what to install (remedy)
 *          saysItFits   what the version of one that can do it matches; absent where every one can
 */
export function targetOf(platform, arch) {
  const isas = INSTRUCTION_SETS[arch] ?? { generic: [] };
  if (platform === 'win32') return { isas, ...WINDOWS };
  const addonLink =
    platform === 'darwin'
      ? ['-pthread', '-bundle', '-undefined', 'dynamic_lookup']
      : ['-pthread', '-shared', '-Wl,--as-needed'];
  return { isas, ...POSIX, addonLink };
}
