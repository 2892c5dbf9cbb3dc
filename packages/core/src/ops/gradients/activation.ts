/** Activations. tfjs's gradient of Relu takes three kernels, and keeps the argument beside the result. */
import { reluGrad } from '../../extension/relu-grad.js';
import type { KernelGradient } from './kernel-gradient.js';

export const activationGradients: readonly KernelGradient[] = [
  {
    kernel: 'Relu',
    outputs: [true],
    of: (dy, [y]) => ({ x: () => reluGrad(dy, y!) }),
  },
];
