import { adamUpdateKernel } from '../../extension/adam-update.js';
import { averageUpdateKernel } from '../../extension/average-update.js';
import { sgdUpdateKernel } from '../../extension/sgd-update.js';

/** Kernels that take over the memory of inputs that nobody else sees, as KERNELS.md says of each. */
export const DONATING: ReadonlySet<string> = new Set(
  [sgdUpdateKernel, adamUpdateKernel, averageUpdateKernel].map(({ name }) => name),
);
