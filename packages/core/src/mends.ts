/**
 * For engines that stand on tfjs's: kernels of tfjs's that are wrong in one of its engines or another, or cover less than others do, mended.
 * Each makes a kernel from the one that tfjs has; `engine` is the name under which kernels are registered.
 *
 *     const { kernelFunc } = getKernel('PadV2', 'my-engine');
 *     registerKernel({ kernelName: 'PadV2', backendName: 'my-engine', kernelFunc: padByAxis(kernelFunc, 'my-engine') });
 */
export { padByAxis, stridedSliceByAxis } from './mends/axis-by-axis.js';
export { gatherNdWithoutLeak } from './mends/gather-nd.js';
