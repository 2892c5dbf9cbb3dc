/** Loads a program by name, so that each page takes only what it needs. */
const programs = {
  train: async () => (await import('./train.js')).trainOnWebgl(),
  refuse: async () => (await import('./refuse.js')).refuse(),
  lose: async () => (await import('./lose.js')).lose(),
  worker: () => {
    const worker = new Worker('/worker.js', { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    });
  },
  growEager: async () => (await import('./grow.js')).growWebgl('eager'),
  growReplayed: async () => (await import('./grow.js')).growWebgl('replayed'),
  convolveMany: async () => (await import('./convolve.js')).convolve([200, 14, 14, 3], 'valid'),
  convolveLarge: async () => (await import('./convolve.js')).convolve([64, 28, 28, 3], 'same'),
  trajectories: async () => (await import('./trajectories.js')).trajectoriesOf(),
  ownKernels: async () => (await import('./own-kernels.js')).ownKernels(),
  draw: async () => (await import('./draw.js')).draw(),
  specs: async () => (await import('./specs.js')).specsOnWebgl(),
  check: async () => (await import('./check.js')).checkWebgl(),
};

Object.assign(globalThis, { run: (name: keyof typeof programs) => programs[name]() });
