import { ConfigError, Rng } from '@stratajs/core';
import { ArrayDataset } from '../array-dataset.js';
import type { DatasetInfo } from '../sets/dataset-info.js';
import { checkOptions, EXAMPLE_OPTIONS, type ExampleOptions } from '../sets/load-options.js';
import { drawDigit, DRAWS_PER_DIGIT } from './draw-digit.js';

export interface DigitsOptions extends ExampleOptions {
  /** Number of images. Default: 10,000 for 'train', 2,000 for 'test'. */
  count?: number | undefined;
  /** Another seed, other images. Default: 0. */
  seed?: number | undefined;
  /** Height and width, 8 to 256. Default: 28. */
  size?: number | undefined;
}

export const DIGITS: DatasetInfo = {
  name: 'digits',
  description:
    'Generated digits: drawn strokes with random affine and elastic deformation, 28x28 grey',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shape: [28, 28, 1],
  train: 10_000,
  test: 2_000,
  mean: [0.1223],
  std: [0.2727],
  licence: 'none needed: generated',
  home: '',
};

/**
 * Images of handwritten-looking digits, [size, size, 1], ten classes in equal shares on average, made
 * from `seed` alone: no file, no network.
 *
 * Each is drawn from strokes (several ways of writing per class) whose points are moved a little, put
 * through a random affine map (rotation, scale, aspect, shear, shift) and an elastic deformation
 * (Simard et al. 2003), and painted with a pen of random width. 'train' and 'test' and every seed read random streams of
 * their own, and the first n images do not depend on `count`. The geometry uses only +, −, ·, / and √, which
 * IEEE 754 fixes, so that the bytes are the same on every machine.
 *
 * @throws ConfigError when an option is out of range.
 */
export async function digits(options: DigitsOptions = {}): Promise<ArrayDataset> {
  checkOptions(DIGITS.name, options, [...EXAMPLE_OPTIONS, 'count', 'seed', 'size']);
  const { split = 'train', seed = 0, size = 28 } = options;
  const { count = split === 'train' ? DIGITS.train : DIGITS.test } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new ConfigError(
      `count is a whole number of images, at least 1. Received: count=${count}.`,
    );
  }
  if (!Number.isInteger(size) || size < 8 || size > 256) {
    throw new ConfigError(
      `size is a whole number of pixels from 8 to 256. Received: size=${size}.`,
    );
  }
  const rng = new Rng(seed).fork(`digits/${split}`);
  const data = new Uint8Array(count * size * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const image = data.subarray(i * size * size, (i + 1) * size * size);
    labels[i] = drawDigit(rng.uniformArray(DRAWS_PER_DIGIT), image, size);
  }
  return new ArrayDataset({
    name: DIGITS.name,
    inputs: { data, shape: [size, size, 1] },
    labels,
    numClasses: DIGITS.classNames.length,
    classNames: DIGITS.classNames,
    ...(options.normalise === false ? {} : { mean: DIGITS.mean, std: DIGITS.std }),
    transforms: options.transforms,
    source: { kind: 'procedural' },
  });
}
