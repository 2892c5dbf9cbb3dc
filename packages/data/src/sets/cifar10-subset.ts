import { DataError } from '@stratajs/core';
import { ArrayDataset } from '../array-dataset.js';
import { CIFAR_CHANNELS, CIFAR_SIZE, decodeCifar } from '../decode/cifar.js';
import { gunzip } from '../decode/gunzip.js';
import type { FileSet } from '../files/file-set.js';
import { resolveFiles } from '../files/resolve.js';
import type { DatasetInfo } from './dataset-info.js';
import { checkOptions, LOAD_OPTIONS, type LoadOptions } from './load-options.js';

export const CIFAR10_SUBSET: DatasetInfo = {
  name: 'cifar10-subset',
  description:
    'A fifth of CIFAR-10: photographs, 32x32 colour. Accuracies do not compare with those on CIFAR-10',
  classNames: [
    'airplane',
    'automobile',
    'bird',
    'cat',
    'deer',
    'dog',
    'frog',
    'horse',
    'ship',
    'truck',
  ],
  shape: [CIFAR_SIZE, CIFAR_SIZE, CIFAR_CHANNELS],
  train: 10_000,
  test: 2_000,
  mean: [0.4889, 0.4804, 0.4464],
  std: [0.2474, 0.2432, 0.261],
  licence: 'none stated; the home page asks to cite the 2009 report',
  home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
};

const FILES: FileSet = {
  name: 'cifar10-subset',
  mirrors: [],
  howToObtain: 'This subset is served nowhere, so there is no download: it must be at hand',
  files: {
    'train.bin.gz': {
      bytes: 28_281_379,
      sha256: '5b5c4c88f185648a8d307f19efb68d52a780195f0e43a112924a9894ace36b9e',
      unpacked: 30_730_000,
    },
    'test.bin.gz': {
      bytes: 5_667_549,
      sha256: '0634fe3bb862f4136516f5c2a1fc7faa4bfe0bf9c83e13c2ca8eb284754635b0',
      unpacked: 6_146_000,
    },
  },
};

/**
 * A subset of CIFAR-10, a fifth of each class: 10,000 training and 2,000 test photographs,
 * [32, 32, 3], ten classes. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 *
 * @throws DataError when the file is damaged, or not at hand: there is no download.
 */
export async function cifar10Subset(options: LoadOptions = {}): Promise<ArrayDataset> {
  checkOptions(CIFAR10_SUBSET.name, options, LOAD_OPTIONS);
  const resolved = await resolveFiles(FILES, [`${options.split ?? 'train'}.bin.gz`], options);
  if ('unavailable' in resolved) {
    throw new DataError(
      `cifar10-subset cannot be had: ${resolved.unavailable}. ` +
        'Put the files into <folder>/cifar10-subset and set STRATA_DATA_DIR=<folder>.',
    );
  }
  const { bytes, published, path } = resolved.files[0]!;
  const { images, labels } = decodeCifar(await gunzip(bytes, published.unpacked, path), path);
  const { name, shape, mean, std, classNames } = CIFAR10_SUBSET;
  return new ArrayDataset({
    name,
    inputs: { data: images, shape },
    labels,
    numClasses: classNames.length,
    classNames,
    ...(options.normalise === false ? {} : { mean, std }),
    transforms: options.transforms,
    source: resolved.source,
  });
}
