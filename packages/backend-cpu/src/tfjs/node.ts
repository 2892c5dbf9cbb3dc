/**
 * tfjs under Node. Importing its CommonJS bundles makes Node read them through for names to export,
 * 120 ms of them; required, they load in 40 ms.
 */
import { createRequire } from 'node:module';

type Tfjs = typeof import('@tensorflow/tfjs-core');

const require = createRequire(import.meta.url);
const tfjs = require('@tensorflow/tfjs-core') as Tfjs;

export const backend_util: Tfjs['backend_util'] = tfjs.backend_util;
export const broadcast_util: Tfjs['broadcast_util'] = tfjs.broadcast_util;
export const buffer: Tfjs['buffer'] = tfjs.buffer;
export const engine: Tfjs['engine'] = tfjs.engine;
export const getKernelsForBackend: Tfjs['getKernelsForBackend'] = tfjs.getKernelsForBackend;
export const kernel_impls: Tfjs['kernel_impls'] = tfjs.kernel_impls;
export const KernelBackend: Tfjs['KernelBackend'] = tfjs.KernelBackend;
export const registerBackend: Tfjs['registerBackend'] = tfjs.registerBackend;
export const registerKernel: Tfjs['registerKernel'] = tfjs.registerKernel;
export const removeBackend: Tfjs['removeBackend'] = tfjs.removeBackend;
export const slice_util: Tfjs['slice_util'] = tfjs.slice_util;
export const unregisterKernel: Tfjs['unregisterKernel'] = tfjs.unregisterKernel;
export const util: Tfjs['util'] = tfjs.util;

/** Registers tfjs's JavaScript kernels under the name 'cpu'. */
export async function loadJavascriptKernels(): Promise<void> {
  require('@tensorflow/tfjs-backend-cpu');
}
