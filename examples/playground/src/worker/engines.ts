/** The engines that a page can offer. */
import { cpu } from '@stratajs/backend-cpu';
import { webgl } from '@stratajs/backend-webgl';
import { webgpu } from '@stratajs/backend-webgpu';
import { type BackendPlugin, closeBackends, use } from '@stratajs/core';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import type { Choice, EngineId } from '../protocol.js';

const labels: Readonly<Record<EngineId, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL 2',
  wasm: 'WebAssembly',
};

const makers: Readonly<Record<EngineId, () => BackendPlugin>> = {
  webgpu,
  webgl,
  wasm: () => cpu({ tier: 'wasm', wasmPath: folderOfAll([plain, simd, threaded]) }),
};

export async function engineChoices(): Promise<Choice<EngineId>[]> {
  const ids = Object.keys(labels) as EngineId[];
  return Promise.all(ids.map(async (id) => ({ id, label: labels[id], whyNot: await whyNot(id) })));
}

export function whyNot(id: EngineId): Promise<string | null> {
  return makers[id]().probe();
}

/** Makes an engine the active one, and gives the name of the machine behind it. */
export async function openEngine(id: EngineId): Promise<string> {
  await closeBackends();
  const { info } = await use(makers[id]());
  const threads = info.threads === undefined || info.threads < 2 ? '' : `, ${info.threads} threads`;
  return `${info.description}${threads}`;
}

/** The programs keep their names and lie side by side: where one is, all are. */
function folderOfAll(addresses: readonly string[]): string {
  return new URL('./', new URL(addresses[0]!, location.href)).href;
}
