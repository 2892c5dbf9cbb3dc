import {
  getKernelsForBackend,
  type KernelFunc,
  type KernelSetupFunc,
  registerBackend,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { ENGINE, origins } from '../kernel-table.js';
import { withMemoryErrors } from '../storage/memory-errors.js';
import { StrataWasmBackend } from './backend.js';
import { conv2dKernels } from './conv2d.js';
import { convolutionGradients } from './conv2d-gradients.js';
import { covers, isOfUse } from './coverage.js';
import { Host } from './host.js';
import type { WasmKernelSet, WasmRuntime } from './kernel.js';
import { matmulKernels } from './matmul.js';
import type { WasmModule } from './program.js';
import { rectifyingKernels } from './rectify.js';
import { reductionKernels } from './reduce.js';
import { sharingKernels } from './share.js';
import { slicingKernels } from './slice.js';

/** Written upon XNNPACK's products and convolutions. */
const ownKernels: WasmKernelSet = {
  ...sharingKernels,
  ...matmulKernels,
  ...conv2dKernels,
  ...convolutionGradients,
  ...rectifyingKernels,
  ...reductionKernels,
  ...slicingKernels,
};

/** Starts the program's pool of threads; gives their number, which may be less than asked for. */
export function startThreads(wasm: WasmModule, wanted: number | undefined): number {
  // −1: as many as it thinks right for this processor.
  wasm.cwrap('init_with_threads_count', null, ['number'])(wanted ?? -1);
  return wasm.cwrap('get_threads_count', 'number', [])();
}

/** Registers the engine and its kernels with tfjs; `javascript` are those of the JavaScript tier. */
export function registerWasmEngine(
  wasm: WasmModule,
  javascript: ReadonlyMap<string, KernelFunc>,
): void {
  const backend = new StrataWasmBackend(wasm);
  const host = new Host(backend);
  const setups = new Map<string, KernelSetupFunc>();
  const kernels = new Map<string, KernelFunc>();

  for (const [name, kernel] of javascript) {
    kernels.set(name, (args) => host.run(kernel, args));
    origins.set(name, 'host copy');
  }
  for (const { kernelName: name, kernelFunc, setupFunc } of getKernelsForBackend('wasm')) {
    if (!isOfUse(name)) continue;
    const onHost = kernels.get(name) as KernelFunc;
    kernels.set(name, (args) => (covers(name, args) ? kernelFunc(args) : onHost(args)));
    if (setupFunc) setups.set(name, setupFunc);
    origins.set(name, 'wasm');
  }
  const runtime: WasmRuntime = {
    backend,
    wasm,
    run: (name, inputs, attrs = {}) =>
      (kernels.get(name) as KernelFunc)({ inputs, attrs, backend } as never) as TensorInfo,
  };
  for (const [name, make] of Object.entries(ownKernels)) {
    const own = make(runtime);
    const onHost = javascript.get(name) as KernelFunc;
    kernels.set(name, (args) => {
      const result = own(args.inputs as never, (args.attrs ?? {}) as never);
      return result ?? host.run(onHost, args);
    });
    origins.set(name, 'wasm');
  }

  registerBackend(ENGINE, () => backend);
  for (const [kernelName, kernelFunc] of kernels) {
    const setupFunc = setups.get(kernelName);
    registerKernel({
      kernelName,
      backendName: ENGINE,
      kernelFunc: withMemoryErrors(kernelFunc),
      // tfjs's kernels hold functions of one program at a time: setBackend() gives them this one's.
      ...(setupFunc && { setupFunc }),
    });
  }
}
