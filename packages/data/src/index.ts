/** Strata's data sets, loaders and transforms. */
export type { Batch, BatchOptions, Dataset } from './dataset.js';
export {
  ArrayDataset,
  type ArrayDatasetOptions,
  type HostBatch,
  type InputArray,
} from './array-dataset.js';
export { Loader, type LoaderOptions, type LoaderState } from './loader.js';
export type { CancelSignal, DataSource, DownloadProgress, FileOptions } from './files/file-set.js';
export { type AnyDatasetOptions, listDatasets, loadDataset } from './sets/catalog.js';
export type { DatasetInfo } from './sets/dataset-info.js';
export type { ExampleOptions, LoadOptions, Split } from './sets/load-options.js';
export { mnist, type MnistOptions } from './sets/mnist.js';
export { fashionMnist } from './sets/fashion-mnist.js';
export { cifar10Subset } from './sets/cifar10-subset.js';
export { digits, type DigitsOptions } from './digits/digits.js';
export { randomCrop } from './transforms/random-crop.js';
export { randomFlip } from './transforms/random-flip.js';
export type { RawBatch, Transform } from './transforms/transform.js';
