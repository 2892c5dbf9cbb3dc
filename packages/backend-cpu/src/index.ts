/** The CPU engine of Strata: native kernels where the addon loads, tfjs's WASM or JavaScript kernels elsewhere. */
export { cpu, type CpuOptions } from './cpu.js';
export type { Isa, Tier } from './options.js';
export { whyJavascript } from './javascript-reasons.js';
export { type KernelOrigin, kernelTable } from './kernel-table.js';
