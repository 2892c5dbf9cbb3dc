import type { OpenBackend } from '@stratajs/core';
import { gatherNdWithoutLeak, padByAxis, stridedSliceByAxis } from '@stratajs/core/mends';
import {
  copyRegisteredKernels,
  engine,
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { isSoftware, nameOf, requestDevice } from './device.js';
import { keepingDims } from './keeping-dims.js';
import { DeviceHealth } from './device-health.js';
import { mended } from './mended-programs.js';
import { adamUpdate } from './kernels/adam-update.js';
import { averageUpdate } from './kernels/average-update.js';
import { firstNonFinite } from './kernels/first-non-finite.js';
import { reluGrad } from './kernels/relu-grad.js';
import { softwareConv2d, softwareConv2dInputGradient } from './kernels/software-conv2d.js';
import { softwareConv2dFilterGradient } from './kernels/software-conv2d-filter.js';
import { softwareProduct } from './kernels/software-products.js';
import { sgdUpdate } from './kernels/sgd-update.js';
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './kernels/softmax-cross-entropy.js';
import { dropout, randomInt, randomUniform } from './kernels/random.js';

const NAME = 'strata-webgpu';

/** Kernels that Strata adds to tfjs's; core composes the rest of them. */
const extensions: Readonly<Record<string, KernelFunc>> = {
  StrataAdamUpdate: adamUpdate,
  StrataAverageUpdate: averageUpdate,
  StrataDropout: dropout,
  StrataFirstNonFinite: firstNonFinite,
  StrataRandomInt: randomInt,
  StrataRandomUniform: randomUniform,
  StrataReluGrad: reluGrad,
  StrataSgdUpdate: sgdUpdate,
  StrataSoftmaxCrossEntropy: softmaxCrossEntropy,
  StrataSoftmaxCrossEntropyGrad: softmaxCrossEntropyGrad,
};

const mends: Readonly<Record<string, (original: KernelFunc, engine: string) => KernelFunc>> = {
  GatherNd: gatherNdWithoutLeak,
  PadV2: padByAxis,
  Prod: keepingDims,
  StridedSlice: stridedSliceByAxis,
};

/** What is worth another program where a processor stands in for the GPU. */
const inSoftware: typeof mends = {
  BatchMatMul: softwareProduct,
  Conv2D: softwareConv2d,
  Conv2DBackpropFilter: softwareConv2dFilterGradient,
  Conv2DBackpropInput: softwareConv2dInputGradient,
  FusedConv2D: softwareConv2d,
  _FusedMatMul: softwareProduct,
};

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
