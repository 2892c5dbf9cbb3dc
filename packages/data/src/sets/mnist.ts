import { ConfigError, DataError } from '@stratajs/core';
import type { ArrayDataset } from '../array-dataset.js';
import { digits } from '../digits/digits.js';
import type { FileSet } from '../files/file-set.js';
import type { DatasetInfo } from './dataset-info.js';
import { loadIdxSet } from './idx-set.js';
import { checkOptions, LOAD_OPTIONS, type LoadOptions } from './load-options.js';

export interface MnistOptions extends LoadOptions {
  /**
   * 'digits': where MNIST is not at hand and cannot be downloaded, generate the procedural set
   * instead; `source` then says so. Default: throw.
   */
  fallback?: 'digits' | undefined;
}

export const MNIST: DatasetInfo = {
  name: 'mnist',
  description: 'Handwritten digits, 28x28 grey',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shape: [28, 28, 1],
  train: 60_000,
  test: 10_000,
  mean: [0.1307],
  std: [0.3081],
  licence: 'none stated',
  home: 'http://yann.lecun.com/exdb/mnist/',
};

const MNIST_OPTIONS: readonly string[] = [...LOAD_OPTIONS, 'fallback'];

const FILES: FileSet = {
  name: 'mnist',
  mirrors: [
    'https://ossci-datasets.s3.amazonaws.com/mnist',
    'https://storage.googleapis.com/cvdf-datasets/mnist',
    // The home itself; it often refuses.
    'http://yann.lecun.com/exdb/mnist',
  ],
  howToObtain: 'Give addresses in `mirrors`.',
  files: {
    'train-images-idx3-ubyte.gz': {
      bytes: 9_912_422,
      sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      unpacked: 47_040_016,
    },
    'train-labels-idx1-ubyte.gz': {
      bytes: 28_881,
      sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      unpacked: 60_008,
    },
    't10k-images-idx3-ubyte.gz': {
      bytes: 1_648_877,
      sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      unpacked: 7_840_016,
    },
    't10k-labels-idx1-ubyte.gz': {
      bytes: 4_542,
      sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      unpacked: 10_008,
    },
  },
};

/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, [28, 28, 1], ten classes.
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 *
 * The files come from `dataDir`, the cache or a download, and are checked against the published
 * checksums in each case.
 *
 * @throws DataError when a file is damaged, or cannot be had (and there is no `fallback`).
 */
export async function mnist(options: MnistOptions = {}): Promise<ArrayDataset> {
  checkOptions(MNIST.name, options, MNIST_OPTIONS);
  const { fallback, split, normalise, transforms } = options;
  if (fallback !== undefined && fallback !== 'digits') {
    throw new ConfigError(
      `The fallback of 'mnist' is 'digits', or none. Received: fallback='${String(fallback)}'.`,
    );
  }
  const loaded = await loadIdxSet(MNIST, FILES, options);
  if (typeof loaded !== 'string') return loaded;
  if (fallback === undefined) {
    throw new DataError(
      `MNIST cannot be had: ${loaded}. Put the files into <folder>/mnist and set STRATA_DATA_DIR=<folder>, ` +
        "or use the procedural set 'digits'.",
    );
  }
  const standIn = await digits({ split, normalise, transforms });
  return standIn.with({
    source: { kind: 'procedural', standsInFor: { name: MNIST.name, reason: loaded } },
  });
}
