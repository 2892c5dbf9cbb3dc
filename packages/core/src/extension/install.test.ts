import { readFileSync } from 'node:fs';
import {
  getGradient,
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { run } from '../engine.js';
import { ConfigError } from '../errors.js';
import { Rng } from '../random/index.js';
import type { Tensor } from '../tensor.js';
import { compositeOf, extensionKernels, installExtensionKernels } from './install.js';

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

it('gives an engine the composite for calls that its own kernel does not take', async () => {
  const own: KernelFunc = (call) =>
    (call.attrs as unknown as { max: number }).max > 10
      ? (compositeOf('StrataRandomInt')(call) as TensorInfo)
      : (run('Fill', {}, { shape: [2], value: -1, dtype: 'int32' }) as unknown as TensorInfo);
  await use(
    testEngine('test-partly', () =>
      registerKernel({
        kernelName: 'StrataRandomInt',
        backendName: 'test-partly',
        kernelFunc: own,
      }),
    ),
  );
  const draw = (max: number): Tensor => new Rng(7).integers([2], { max });
  expect(await draw(10).array()).toEqual([-1, -1]);
  const large = (await draw(1000).array()) as number[];
  await use(testEngine('test-wholly'));
  expect(await draw(1000).array()).toEqual(large);
  expect(() => compositeOf('StrataRandomInts')).toThrow(ConfigError);
  expect(() => compositeOf('StrataRandomInts')).toThrow(/Did you mean 'StrataRandomInt'/);
});
