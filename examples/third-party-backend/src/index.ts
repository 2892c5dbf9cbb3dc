/**
 * An engine as a stranger would write it: tfjs's JavaScript kernels under a name of its own, with two
 * kernels written here. It knows Strata's core and tfjs, and nothing else.
 */
import { type BackendPlugin, BackendError, PLUGIN_SPEC } from '@stratajs/core';
import * as tf from '@tensorflow/tfjs-core';

const NAME = 'acme-cpu';

/** Makes the plugin: `await use(acme())`. */
export function acme(): BackendPlugin {
  return {
    spec: PLUGIN_SPEC,
    kind: 'backend',
    name: NAME,
    gaps: {},
    probe: () => Promise.resolve(null),
    open: async () => {
      const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');

      class AcmeBackend extends MathBackendCPU {
        // A read gives memory of its own: what a caller does with it changes no tensor.
        override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
          return (await super.read(dataId)).slice() as tf.BackendValues;
        }
      }

      tf.registerBackend(NAME, () => {
        const backend = new AcmeBackend();
        // Silences the greeting that tfjs prints at the first write; the field is private in tfjs's types.
        Object.assign(backend, { firstUse: false });
        return backend;
      });
      const own = [relu, firstNonFinite];
      for (const kernel of tf.getKernelsForBackend('cpu')) {
        if (own.some((k) => k.kernelName === kernel.kernelName)) continue;
        tf.registerKernel({ ...kernel, backendName: NAME });
      }
      for (const kernel of own) tf.registerKernel(kernel);
      return {
        describe: () => ({
          tier: 'javascript',
          description: 'ACME example engine',
          whyNotHigher: null,
        }),
        close: () => {
          for (const { kernelName } of tf.getKernelsForBackend(NAME))
            tf.unregisterKernel(kernelName, NAME);
          tf.removeBackend(NAME);
          return Promise.resolve();
        },
      };
    },
  };
}

/** What kernels of this engine use of its storage. */
interface Storage {
  readonly data: { get(id: object): { values: Float32Array | Int32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
}

/** max(x, 0), the first own kernel: it takes a tfjs kernel's place. */
const relu: tf.KernelConfig = {
  kernelName: 'Relu',
  backendName: NAME,
  kernelFunc: ({ inputs, backend }) => {
    const x = inputs['x']!;
    const storage = backend as Storage;
    const { values } = storage.data.get(x.dataId);
    const out = values.slice();
    for (let i = 0; i < out.length; i++) if (out[i]! < 0) out[i] = 0;
    return storage.makeTensorInfo(x.shape, x.dtype, out);
  },
};

/** The index of the first input that holds a NaN or an infinity, or -1: an extension kernel of Strata's. */
const firstNonFinite: tf.KernelConfig = {
  kernelName: 'StrataFirstNonFinite',
  backendName: NAME,
  kernelFunc: ({ inputs, attrs, backend }) => {
    const storage = backend as Storage;
    const count = attrs?.['count'];
    if (typeof count !== 'number')
      throw new BackendError('StrataFirstNonFinite needs the attribute count.');
    let found = -1;
    for (let i = 0; i < count && found < 0; i++) {
      const { values } = storage.data.get(inputs[`x${i}`]!.dataId);
      if (!values.every(Number.isFinite)) found = i;
    }
    return storage.makeTensorInfo([], 'int32', Int32Array.of(found));
  },
};
