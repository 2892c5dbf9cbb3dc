import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { copyRegisteredKernels, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import type { BackendPlugin, OpenBackend } from '@stratajs/core';

/** tfjs's plain JavaScript kernels under a name of their own: the least that is an engine of Strata. */
export function copiedCpu(name = 'copied-cpu'): BackendPlugin {
  return {
    spec: 'v1',
    kind: 'backend',
    name,
    gaps: {},
    probe: async () => null,
    async open(): Promise<OpenBackend> {
      registerBackend(name, () => new CopyingBackend());
      copyRegisteredKernels('cpu', name);
      return {
        describe: () => ({ tier: 'javascript', description: 'tfjs kernels', whyNotHigher: null }),
        close: async () => removeBackend(name),
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
