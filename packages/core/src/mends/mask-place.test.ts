import { expect, it } from 'vitest';
import { maskPlace } from './mask-place.js';

it.each([
  [[7], [2, 3], [0, 0, 0, 0], 0],
  [[5, 7], [2, 3], [0, 0, 0, 0], 7],
  [[2, 1, 1, 7], [2, 3], [0, 0, 7, 0], 0],
  [[3, 5, 7], [2, 3], [0, 0, 0, 35], 7],
  [[2, 3, 5, 7], [2, 3], [0, 0, 105, 35], 7],
])('mask %j of matrices %j', (mask, batch, strides, rowStride) => {
  expect(maskPlace(mask, batch)).toEqual({ axes: [1, 1, ...batch], strides, rowStride });
});

it('gives up beyond four axes', () => {
  expect(maskPlace([7], [1, 2, 3, 4, 5])).toBeNull();
});
