import { readmeTable } from '@stratajs/browser-tests';
import '@tensorflow/tfjs-backend-webgl';
import { getKernelsForBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { gaps } from './gaps.js';
import { extensions, mends } from './kernel-table.js';

it('the README tells how each kernel runs; STRATA_WRITE=1 writes it', () => {
  const { is, should } = readmeTable(new URL('../README.md', import.meta.url), {
    tfjs: Object.fromEntries(
      getKernelsForBackend('webgl').map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]),
    ),
    own: Object.keys(extensions),
    mended: Object.keys(mends),
    gaps,
  });
  expect(is).toBe(should);
});
