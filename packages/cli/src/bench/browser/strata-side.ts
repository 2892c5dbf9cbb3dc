/** Strata's side of a comparison in a browser: the public packages, as a page uses them. */
import { cpu } from '@stratajs/backend-cpu';
import { webgl } from '@stratajs/backend-webgl';
import { webgpu } from '@stratajs/backend-webgpu';
import { activeBackend, type BackendPlugin, register, use } from '@stratajs/core';
import { vision } from '@stratajs/vision';
import { training } from '../workloads/training.js';
import { serveFrame } from './frame.js';

const engines: Readonly<Record<string, () => BackendPlugin>> = {
  webgl,
  webgpu,
  wasm: () => cpu({ tier: 'wasm', threads: 1, wasmPath: '/wasm/' }),
};

serveFrame(async (engine) => {
  await use(engines[engine]!());
  register(vision);
  const { name, info } = activeBackend()!;
  return {
    description: `${name} ${info.tier}, ${info.description}`,
    prepare: (workload) => training.find((w) => w.name === workload)!.prepare(),
  };
});
