import { DataError } from '@stratajs/core';
import type { ArrayDataset } from '../array-dataset.js';
import type { FileSet } from '../files/file-set.js';
import type { DatasetInfo } from './dataset-info.js';
import { loadIdxSet } from './idx-set.js';
import { checkOptions, LOAD_OPTIONS, type LoadOptions } from './load-options.js';

export const FASHION_MNIST: DatasetInfo = {
  name: 'fashion-mnist',
  description: 'Pictures of clothes, 28x28 grey; as MNIST in form, harder',
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  shape: [28, 28, 1],
  train: 60_000,
  test: 10_000,
  mean: [0.286],
  std: [0.353],
  licence: 'MIT',
  home: 'https://github.com/zalandoresearch/fashion-mnist',
};

const FILES: FileSet = {
  name: 'fashion-mnist',
  mirrors: [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
  ],
  howToObtain: 'Give addresses in `mirrors`.',
  files: {
    'train-images-idx3-ubyte.gz': {
      bytes: 26_421_880,
      sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      unpacked: 47_040_016,
    },
    'train-labels-idx1-ubyte.gz': {
      bytes: 29_515,
      sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      unpacked: 60_008,
    },
    't10k-images-idx3-ubyte.gz': {
      bytes: 4_422_102,
      sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      unpacked: 7_840_016,
    },
    't10k-labels-idx1-ubyte.gz': {
      bytes: 5_148,
      sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      unpacked: 10_008,
    },
  },
};

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothes, [28, 28, 1], ten classes.
 * Xiao, Rasul, Vollgraf, "Fashion-MNIST", 2017, arXiv:1708.07747.
 *
 * @throws DataError when a file is damaged, or cannot be had.
 */
export async function fashionMnist(options: LoadOptions = {}): Promise<ArrayDataset> {
  checkOptions(FASHION_MNIST.name, options, LOAD_OPTIONS);
  const loaded = await loadIdxSet(FASHION_MNIST, FILES, options);
  if (typeof loaded !== 'string') return loaded;
  throw new DataError(
    `Fashion-MNIST cannot be had: ${loaded}. Put the files into <folder>/fashion-mnist and set STRATA_DATA_DIR=<folder>.`,
  );
}
