/** tfjs where a bundler or a browser loads it: its ES modules. */
export {
  backend_util,
  broadcast_util,
  buffer,
  engine,
  getKernelsForBackend,
  kernel_impls,
  KernelBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  slice_util,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core';

/** Registers tfjs's JavaScript kernels under the name 'cpu'. */
export async function loadJavascriptKernels(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
}
