import { type BackendPlugin, PLUGIN_SPEC } from '@stratajs/core';
import { whyNot } from './context.js';
import { gaps } from './gaps.js';
import { openWebgl } from './open.js';

/**
 * The browser's GPU through WebGL 2, for `use()`:
 *
 *     await use(webgl());
 *
 * The kernels are those of `@tensorflow/tfjs-backend-webgl`, which is loaded when the engine opens, on
 * a context of its own. Numbers are float32 throughout: a browser that renders to 16-bit floats only
 * is refused. int32 values live in floats and are exact up to 2^24.
 */
export function webgl(): BackendPlugin {
  return {
    spec: PLUGIN_SPEC,
    kind: 'backend',
    name: 'strata-webgl',
    gaps,
    probe: async () => whyNot(),
    open: openWebgl,
  };
}
