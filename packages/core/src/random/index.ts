export { defaultRng, seed } from './default-rng.js';
export { type Draw, philox } from './philox.js';
export { Rng, type RngState } from './rng.js';
