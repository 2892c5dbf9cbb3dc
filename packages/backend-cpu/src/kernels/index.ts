/** The kernels that native code computes. */
import { adaptivePoolKernels } from './adaptive-pool.js';
import { addNKernels } from './add-n.js';
import { attentionKernels } from './attention.js';
import { binaryKernels } from './binary.js';
import { bincountKernels } from './bincount.js';
import { blockKernels } from './blocks.js';
import { castKernels } from './cast.js';
import { complexKernels } from './complex.js';
import { conv2dKernels } from './conv2d.js';
import { conv3dKernels } from './conv3d.js';
import { cropKernels } from './crop-and-resize.js';
import { dilation2dKernels } from './dilation2d.js';
import { einsumKernels } from './einsum.js';
import { fillKernels } from './fill.js';
import { fourierKernels } from './fourier.js';
import { gatherKernels } from './gather.js';
import { joinKernels } from './join.js';
import { groupedConv2dKernels } from './grouped-conv2d.js';
import type { KernelSet } from './kernel.js';
import { layoutKernels } from './layout.js';
import { localResponseKernels } from './local-response.js';
import { matmulKernels } from './matmul.js';
import { normalizeKernels } from './normalize.js';
import { mirrorPadKernels } from './mirror-pad.js';
import { poolKernels } from './pool.js';
import { randomKernels } from './random.js';
import { recurrentKernels } from './recurrent.js';
import { reduceKernels } from './reduce.js';
import { resizeKernels } from './resize.js';
import { scanKernels } from './scan.js';
import { scatterKernels } from './scatter.js';
import { selectKernels } from './select.js';
import { softmaxCrossEntropyKernels } from './softmax-cross-entropy.js';
import { softmaxKernels } from './softmax.js';
import { sortKernels } from './sort.js';
import { transformKernels } from './transform.js';
import { unaryKernels } from './unary.js';
import { updateKernels } from './update.js';

const numericKernels: KernelSet = {
  ...unaryKernels,
  ...binaryKernels,
  ...selectKernels,
  ...castKernels,
  ...fillKernels,
  ...addNKernels,
  ...reduceKernels,
  ...scanKernels,
  ...fourierKernels,
  ...softmaxKernels,
  ...sortKernels,
  ...normalizeKernels,
  ...recurrentKernels,
  ...localResponseKernels,
  ...layoutKernels,
  ...joinKernels,
  ...mirrorPadKernels,
  ...blockKernels,
  ...gatherKernels,
  ...scatterKernels,
  ...bincountKernels,
  ...matmulKernels,
  ...einsumKernels,
  ...conv2dKernels,
  ...groupedConv2dKernels,
  ...conv3dKernels,
  ...resizeKernels,
  ...cropKernels,
  ...transformKernels,
  ...dilation2dKernels,
  ...poolKernels,
  ...adaptivePoolKernels,
  ...attentionKernels,
  ...softmaxCrossEntropyKernels,
  ...randomKernels,
  ...updateKernels,
};

export const nativeKernels: KernelSet = {
  ...numericKernels,
  ...complexKernels(numericKernels),
};
