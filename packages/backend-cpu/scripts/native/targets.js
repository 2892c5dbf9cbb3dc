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

const POSIX = ['-fPIC', '-pthread'];

/** @returns {{ isas: Record<string, string[]>, flags: string[], addonLink: string[], programLink: string[] }} */
export function targetOf(platform, arch) {
  const isas = INSTRUCTION_SETS[arch] ?? { generic: [] };
  if (platform === 'darwin') {
    const addonLink = ['-pthread', '-bundle', '-undefined', 'dynamic_lookup'];
    return { isas, flags: POSIX, addonLink, programLink: ['-pthread'] };
  }
  const addonLink = ['-pthread', '-shared', '-Wl,--as-needed'];
  return { isas, flags: POSIX, addonLink, programLink: ['-pthread'] };
}
