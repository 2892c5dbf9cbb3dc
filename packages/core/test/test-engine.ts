/**
 * An engine for core's own tests: tfjs-backend-cpu's JavaScript kernels under a name of ours. All its
 * extension kernels are the composites that `use()` installs.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { copyRegisteredKernels, registerBackend } from '@tensorflow/tfjs-core';
import { type BackendPlugin, type OpenBackend, PLUGIN_SPEC } from '../src/plugin.js';

/**
 * @param own registers further kernels under the engine's name, before the composites are.
 * @param compile its compiler of programs. Default none.
 */
export function testEngine(
  name: string = 'test-engine',
  own: () => void = () => {},
  compile?: OpenBackend['compile'],
): BackendPlugin {
  return {
    spec: PLUGIN_SPEC,
    name,
    kind: 'backend',
    gaps: {},
    probe: async () => null,
    open: async () => {
      registerBackend(name, () => {
        const backend = new MathBackendCPU();
        (backend as unknown as { firstUse: boolean }).firstUse = false; // no banner about faster packages
        const readSync = backend.readSync.bind(backend);
        // What a read gives is the reader's own.
        backend.readSync = (id) => (readSync(id) as Float32Array).slice();
        return backend;
      });
      copyRegisteredKernels('cpu', name);
      own();
      return {
        describe: () => ({ tier: 'javascript', description: 'test', whyNotHigher: null }),
        close: async () => {},
        ...(compile && { compile }),
      };
    },
  };
}
