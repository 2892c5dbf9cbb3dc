import { closeBackends, maxPool2dWithIndices, ones, use } from '@stratajs/core';
import { afterAll, expect, it } from 'vitest';
import { cpu } from '../index.js';

afterAll(closeBackends);

it('indices of maxima are read as integers on the JavaScript tier', async () => {
  await use(cpu({ tier: 'javascript' }));
  const { values, indices } = maxPool2dWithIndices(ones([1, 4, 4, 1]), { kernelSize: 2 });
  expect(await values.data()).toEqual(Float32Array.of(1, 1, 1, 1));
  expect(await indices.data()).toEqual(Int32Array.of(0, 2, 8, 10));
});
