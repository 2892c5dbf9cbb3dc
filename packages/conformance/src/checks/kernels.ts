/** What is registered under the plugin's name. */
import { getKernel } from '@tensorflow/tfjs-core';
import { type BackendPlugin, extensionKernels } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertThat } from '../compare.js';

export function kernels(plugin: BackendPlugin): Check[] {
  return [
    ...extensionKernels.map((name) => ({
      name: `${name} runs, as the engine's own or as a composite`,
      run: () =>
        assertThat(getKernel(name, plugin.name) !== undefined, `${name} is not registered.`),
    })),
    ...Object.entries(plugin.gaps).map(([name, reason]) => ({
      name: `the gap ${name} has a reason and no kernel`,
      run() {
        assertThat(reason.trim() !== '', `The gap '${name}' needs a reason.`);
        assertThat(
          getKernel(name, plugin.name) === undefined,
          `'${name}' is declared as a gap (${reason}), but a kernel is registered. Remove one.`,
        );
      },
    })),
  ];
}
