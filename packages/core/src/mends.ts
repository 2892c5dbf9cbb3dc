/**
 * For engines that stand on tfjs's: kernels of tfjs's that are wrong in one of its engines or another, or cover less than others do, mended.
 * Each makes a kernel from the one that tfjs has; `engine` is the name under which kernels are registered.
 *
 *     const { kernelFunc } = getKernel('PadV2', 'my-engine');
 *     registerKernel({ kernelName: 'PadV2', backendName: 'my-engine', kernelFunc: padByAxis(kernelFunc, 'my-engine') });
 */
import * as axisByAxis from './mends/axis-by-axis.js';
import * as gatherNd from './mends/gather-nd.js';

/** `Kernel` is tfjs's `KernelFunc`, which types of Strata do not mention. */
export type Mend = <Kernel>(original: Kernel, engine: string) => Kernel;

/** PadV2 of any number of axes from one of four at most. */
export const padByAxis: Mend = axisByAxis.padByAxis as Mend;
/** StridedSlice of any number of axes from one of four at most. */
export const stridedSliceByAxis: Mend = axisByAxis.stridedSliceByAxis as Mend;
/** GatherNd that frees what it reshapes also where the host computes. */
export const gatherNdWithoutLeak: Mend = gatherNd.gatherNdWithoutLeak as unknown as Mend;
