import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  copyRegisteredKernels,
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { BackendPlugin, OpenBackend } from '@stratajs/core';

export interface CopiedCpuOptions {
  /** Kernels to put in the place of tfjs's, or to add; each is given tfjs's. */
  readonly kernels?: Readonly<Record<string, (original: KernelFunc | undefined) => KernelFunc>>;
  readonly gaps?: Readonly<Record<string, string>>;
  readonly backend?: () => MathBackendCPU;
}

/** tfjs's plain JavaScript kernels under a name of their own: the least that is an engine of Strata. */
export function copiedCpu(name = 'copied-cpu', options: CopiedCpuOptions = {}): BackendPlugin {
  const { kernels = {}, gaps = {}, backend = () => new CopyingBackend() } = options;
  return {
    spec: 'v1',
    kind: 'backend',
    name,
    gaps,
    probe: async () => null,
    async open(): Promise<OpenBackend> {
      registerBackend(name, backend);
      copyRegisteredKernels('cpu', name);
      for (const [kernelName, make] of Object.entries(kernels)) {
        const original = getKernel(kernelName, name);
        if (original) unregisterKernel(kernelName, name);
        registerKernel({ kernelName, backendName: name, kernelFunc: make(original?.kernelFunc) });
      }
      return {
        describe: () => ({ tier: 'javascript', description: 'tfjs kernels', whyNotHigher: null }),
        async close() {
          removeBackend(name);
          for (const { kernelName } of getKernelsForBackend(name))
            unregisterKernel(kernelName, name);
        },
      };
    },
  };
}

type DataId = Parameters<MathBackendCPU['read']>[0];
type Values = Awaited<ReturnType<MathBackendCPU['read']>>;

/** tfjs's backend hands out its live storage; an engine of Strata hands out copies. */
export class CopyingBackend extends MathBackendCPU {
  constructor() {
    super();
    // Else it prints a recommendation to install another package.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  override async read(dataId: DataId): Promise<Values> {
    return (await super.read(dataId)).slice() as Values;
  }
}
