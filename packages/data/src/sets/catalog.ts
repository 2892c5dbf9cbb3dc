import { ConfigError, nearest } from '@stratajs/core';
import type { ArrayDataset } from '../array-dataset.js';
import { DIGITS, digits, type DigitsOptions } from '../digits/digits.js';
import { CIFAR10_SUBSET, cifar10Subset } from './cifar10-subset.js';
import type { DatasetInfo } from './dataset-info.js';
import { FASHION_MNIST, fashionMnist } from './fashion-mnist.js';
import { MNIST, mnist, type MnistOptions } from './mnist.js';

/** The options of all data sets together; each refuses those that it does not have. */
export type AnyDatasetOptions = MnistOptions & DigitsOptions;

const SETS: Readonly<
  Record<string, { info: DatasetInfo; load: (options: AnyDatasetOptions) => Promise<ArrayDataset> }>
> = {
  mnist: { info: MNIST, load: mnist },
  'fashion-mnist': { info: FASHION_MNIST, load: fashionMnist },
  'cifar10-subset': { info: CIFAR10_SUBSET, load: cifar10Subset },
  digits: { info: DIGITS, load: digits },
};

/** What data sets there are. */
export function listDatasets(): DatasetInfo[] {
  return Object.values(SETS).map(({ info }) => info);
}

/**
 * Loads a data set by its name, for programs that take the name from their user.
 *
 * @throws ConfigError for an unknown name or option; DataError as the data set's own function.
 */
export async function loadDataset(
  name: string,
  options: AnyDatasetOptions = {},
): Promise<ArrayDataset> {
  const set = Object.hasOwn(SETS, name) ? SETS[name] : undefined;
  if (set === undefined) {
    throw new ConfigError(`There is no data set '${name}'.${nearest(name, Object.keys(SETS))}`);
  }
  return set.load(options);
}
