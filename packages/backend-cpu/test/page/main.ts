/** The checks of @stratajs/conformance and tfjs-core's specs on the WASM tier, in a page. */
import { activeBackend } from '@stratajs/core';
import { check, type Checked } from '../../../../.config/browser/page/conformance.js';
import { runSpecs } from '../../../../.config/browser/page/tfjs-specs.js';
import { cpu } from '../../src/index.js';

export interface CheckedOnWasm extends Checked {
  readonly tier: string;
  readonly threads: number;
}

async function checkOn(threads: number): Promise<CheckedOnWasm> {
  const checked = await check(cpu({ tier: 'wasm', threads, wasmPath: '/wasm/' }));
  const { tier, threads: used } = activeBackend()!.info;
  return { ...checked, tier, threads: used! };
}

const programs = {
  check: checkOn,
  specs: () => runSpecs(cpu({ tier: 'wasm', threads: 1, wasmPath: '/wasm/' }), true),
};

Object.assign(globalThis, {
  run: (name: keyof typeof programs, given: number) => programs[name](given),
});
