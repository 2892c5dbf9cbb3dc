import { type BackendPlugin, PLUGIN_SPEC } from '@stratajs/core';
import { whyNot } from './device.js';
import { gaps } from './gaps.js';
import { openWebgpu } from './open.js';

/**
 * The browser's GPU through WebGPU, for `use()`:
 *
 *     await use(webgpu());
 *
 * The kernels are those of `@tensorflow/tfjs-backend-webgpu`, which is loaded when the engine opens, on a device of their own. Values
 * are read by `await t.data()`: WebGPU lets nobody wait in the middle of JavaScript.
 */
export function webgpu(): BackendPlugin {
  return {
    spec: PLUGIN_SPEC,
    kind: 'backend',
    name: 'strata-webgpu',
    gaps,
    probe: whyNot,
    open: openWebgpu,
  };
}
