/** The gradients that core adds to tfjs's, or puts in their place where those are wrong. */
import { type GradConfig, registerGradient } from '@tensorflow/tfjs-core';
import { activationGradients } from './gradients/activation.js';
import { arithmeticGradients } from './gradients/arithmetic.js';
import { convolutionGradients } from './gradients/convolution.js';
import { indexingGradients } from './gradients/indexing.js';
import type { KernelGradient } from './gradients/kernel-gradient.js';
import { matmulGradients } from './gradients/matmul.js';
import { poolGradients } from './gradients/pool.js';
import { reduceGradients } from './gradients/reduce.js';
import { resizeGradients } from './gradients/resize.js';
import { shapeGradients } from './gradients/shape.js';

let registered = false;

/** Registers them, once per process; tfjs's own gradients must be there before. */
export function registerCoreGradients(): void {
  if (registered) return;
  registered = true;
  const all: KernelGradient[] = [
    ...arithmeticGradients,
    ...activationGradients,
    ...reduceGradients,
    ...shapeGradients,
    ...indexingGradients(),
    ...matmulGradients,
    ...convolutionGradients(),
    ...poolGradients,
    ...resizeGradients,
  ];
  for (const { kernel, inputs, outputs, of } of all) {
    registerGradient({
      kernelName: kernel,
      inputsToSave: [...(inputs ?? [])],
      outputsToSave: [...(outputs ?? [])],
      gradFunc: of as unknown as GradConfig['gradFunc'],
    });
  }
}
