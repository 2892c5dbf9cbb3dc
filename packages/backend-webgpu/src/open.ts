import type { OpenBackend } from '@stratajs/core';
import {
  copyRegisteredKernels,
  engine,
  getKernel,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { extensions, inSoftware, mends } from './kernel-table.js';
import { isSoftware, nameOf, requestDevice } from './device.js';
import { DeviceHealth } from './device-health.js';
import { mended } from './mended-programs.js';
import { NAME } from './name.js';

/** Registers tfjs's WebGPU kernels as 'strata-webgpu', on a device that nobody else uses. */
export async function openWebgpu(): Promise<OpenBackend> {
  const { device, info } = await requestDevice();
  const health = new DeviceHealth(device);
  // Loaded here and not above: importing this package has no effect, and costs nothing until it is used.
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');

  type Base = InstanceType<typeof WebGPUBackend>;
  type Values = Awaited<ReturnType<Base['read']>>;

  class StrataWebGPU extends WebGPUBackend {
    /**
     * tfjs keeps what it has read, and would hand out that very array; and it fails where the tensor is disposed before its values
     * arrive: until then the read holds it.
     */
    override async read(dataId: object): Promise<Values> {
      this.incRef(dataId);
      try {
        return await health.watch(async () => (await super.read(dataId)).slice() as Values);
      } finally {
        if (this.disposeData(dataId)) engine().removeDataId(dataId, this);
      }
    }

    override readSync(dataId: object): Values {
      health.check();
      return super.readSync(dataId).slice() as Values;
    }

    override runWebGPUProgram(
      ...[program, inputs, dtype, ...more]: Parameters<Base['runWebGPUProgram']>
    ): ReturnType<Base['runWebGPUProgram']> {
      health.check();
      return super.runWebGPUProgram(mended(program, dtype), inputs, dtype, ...more);
    }
  }

  registerBackend(NAME, () => new StrataWebGPU(device, info));
  copyRegisteredKernels('webgpu', NAME);
  for (const [kernelName, kernelFunc] of Object.entries(extensions))
    registerKernel({ kernelName, backendName: NAME, kernelFunc });
  const replaced = isSoftware(info) ? { ...mends, ...inSoftware } : mends;
  for (const [kernelName, mend] of Object.entries(replaced)) {
    const { kernelFunc } = getKernel(kernelName, NAME);
    unregisterKernel(kernelName, NAME);
    registerKernel({ kernelName, backendName: NAME, kernelFunc: mend(kernelFunc, NAME) });
  }
  const description = nameOf(info);
  return {
    describe: () => ({ tier: 'webgpu', description, whyNotHigher: null, readsStall: true }),
    async close() {
      removeBackend(NAME);
      for (const { kernelName } of getKernelsForBackend(NAME)) unregisterKernel(kernelName, NAME);
      health.close();
      device.destroy();
    },
  };
}
