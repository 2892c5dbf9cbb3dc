/** Loads a program by name, so that each page takes only what it needs. */
const programs = {
  probe: async () => (await import('./refuse.js')).probe(),
  refuse: async () => (await import('./refuse.js')).refuse(),
  lose: async () => (await import('./lose.js')).lose(),
  train: async () => (await import('./train.js')).trainOnWebgpu(),
  worker: () => {
    const worker = new Worker('/worker.js', { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    });
  },
  growEager: async () => (await import('./grow.js')).growWebgpu('eager'),
  growReplayed: async () => (await import('./grow.js')).growWebgpu('replayed'),
  trajectories: async () => (await import('./trajectories.js')).trajectoriesOf(),
  ownKernels: async () => (await import('./own-kernels.js')).ownKernels(),
  draw: async () => (await import('./draw.js')).draw(),
  specs: async () => (await import('./specs.js')).specsOnWebgpu(),
  check: async () => (await import('./check.js')).checkWebgpu(),
};

Object.assign(globalThis, { run: (name: keyof typeof programs) => programs[name]() });
