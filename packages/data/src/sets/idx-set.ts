import { DataError } from '@stratajs/core';
import { ArrayDataset } from '../array-dataset.js';
import { gunzip } from '../decode/gunzip.js';
import { decodeIdx } from '../decode/idx.js';
import type { FileSet } from '../files/file-set.js';
import { resolveFiles } from '../files/resolve.js';
import type { DatasetInfo } from './dataset-info.js';
import type { LoadOptions } from './load-options.js';

/**
 * Loads a data set that is published like MNIST: an images and a labels file per split.
 *
 * @returns The data set, or why its files cannot be had.
 */
export async function loadIdxSet(
  info: DatasetInfo,
  set: FileSet,
  options: LoadOptions,
): Promise<ArrayDataset | string> {
  const prefix = options.split === 'test' ? 't10k' : 'train';
  const names = [`${prefix}-images-idx3-ubyte.gz`, `${prefix}-labels-idx1-ubyte.gz`];
  const resolved = await resolveFiles(set, names, options);
  if ('unavailable' in resolved) return resolved.unavailable;
  const [imageFile, labelFile] = resolved.files as [
    (typeof resolved.files)[number],
    (typeof resolved.files)[number],
  ];
  const images = decodeIdx(
    await gunzip(imageFile.bytes, imageFile.published.unpacked, imageFile.path),
    3,
    imageFile.path,
  );
  const labels = decodeIdx(
    await gunzip(labelFile.bytes, labelFile.published.unpacked, labelFile.path),
    1,
    labelFile.path,
  );
  const [count, height, width] = images.shape as [number, number, number];
  if (labels.shape[0] !== count) {
    throw new DataError(
      `Images and labels must be equally many. Received: ${count} images in ${imageFile.path} ` +
        `and ${labels.shape[0]} labels in ${labelFile.path}. Obtain both from one source.`,
    );
  }
  return new ArrayDataset({
    name: info.name,
    inputs: { data: images.data, shape: [height, width, 1] },
    labels: labels.data,
    numClasses: info.classNames.length,
    classNames: info.classNames,
    ...(options.normalise === false ? {} : { mean: info.mean, std: info.std }),
    transforms: options.transforms,
    source: resolved.source,
  });
}
