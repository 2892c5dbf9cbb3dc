/** Loads a program by name, so that each page takes only what it needs. */
const programs = {
  train: async () => (await import('./train.js')).train(),
  refuse: async () => (await import('./refuse.js')).refuse(),
  check: async () => (await import('./conformance.js')).check(),
};

Object.assign(globalThis, { run: (name: keyof typeof programs) => programs[name]() });
