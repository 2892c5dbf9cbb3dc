import { BackendError, use } from '@stratajs/core';
import { expect, it } from 'vitest';
import { webgpu } from './webgpu.js';

it('says why it cannot run outside a browser, and use() hands the reason on', async () => {
  const plugin = webgpu();
  expect(await plugin.probe()).toMatch(/needs a browser/);
  const refusal = use(plugin);
  await expect(refusal).rejects.toThrow(BackendError);
  await expect(refusal).rejects.toThrow(/strata-webgpu: WebGPU needs a browser/);
});
