/** tfjs-core's own specs, in a page. */
import { type BackendPlugin, use } from '@stratajs/core';
import {
  type DefineSpecs,
  type JasmineInterface,
  runnableSpecs,
} from '@stratajs/conformance/specs';

export interface SpecResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'pending';
  readonly message: string;
}

interface JasmineRequire {
  core(from: JasmineRequire): {
    getEnv(options: { suppressLoadErrors: boolean }): JasmineInterface['jasmine'];
  };
  interface(jasmine: unknown, env: unknown): JasmineInterface;
}

/**
 * @param dataSync whether the engine can be read synchronously; some specs need it.
 * @param leftOut beginnings of names of specs that the engine would not survive: they count as failed.
 */
export async function runSpecs(
  plugin: BackendPlugin,
  dataSync: boolean,
  leftOut: readonly string[] = [],
): Promise<SpecResult[]> {
  await use(plugin);
  await load('/jasmine.js');
  await load('/tfjs-specs.js');
  const { jasmineRequire, defineSpecs } = globalThis as unknown as {
    jasmineRequire: JasmineRequire;
    defineSpecs: DefineSpecs;
  };
  const jasmine = jasmineRequire.core(jasmineRequire);
  const jasmineEnv = jasmine.getEnv({ suppressLoadErrors: true });
  const jasmineInterface = jasmineRequire.interface(jasmine, jasmineEnv);
  const suite = runnableSpecs(defineSpecs, jasmineInterface, plugin.name, dataSync, leftOut);
  const results = await suite.run();
  return suite.specs.map(({ id, name, pending }) => {
    const result = results.get(id);
    const status = pending ? 'pending' : (result?.status ?? 'failed');
    return {
      name,
      status,
      message: result ? (result.error?.message ?? '') : 'jasmine did not run it.',
    };
  });
}

function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${address} cannot be loaded.`)));
    document.head.append(script);
  });
}
