import { readFileSync } from 'node:fs';
import {
  getGradient,
  getKernel,
  getKernelsForBackend,
  registerKernel,
} from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { extensionKernels, installExtensionKernels } from './install.js';

it('lists the kernels that KERNELS.md defines', () => {
  const page = readFileSync(new URL('../../KERNELS.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `(Strata\w+)` \|/gm)].map((m) => m[1]!);
  expect([...extensionKernels].sort()).toEqual(documented.sort());
});

it('fills in what an engine lacks, and keeps what it has', async () => {
  const own = () => [];
  await use(
    testEngine('test-own', () =>
      registerKernel({ kernelName: 'StrataDropout', backendName: 'test-own', kernelFunc: own }),
    ),
  );
  for (const name of extensionKernels) expect(getKernel(name, 'test-own')).toBeDefined();
  expect(getKernel('StrataDropout', 'test-own').kernelFunc).toBe(own);
  expect(getKernel('StrataSgdUpdate', 'test-own').kernelFunc).not.toBe(own);
});

it('may run again', () => {
  const before = getKernelsForBackend('test-own').map((k) => k.kernelFunc);
  const gradient = getGradient('StrataSoftmaxCrossEntropy');
  const warn = vi.spyOn(console, 'warn');
  installExtensionKernels('test-own');
  expect(getKernelsForBackend('test-own').map((k) => k.kernelFunc)).toEqual(before);
  expect(getGradient('StrataSoftmaxCrossEntropy')).toBe(gradient);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
