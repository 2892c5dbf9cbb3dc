import { ConfigError, nearest } from '@stratajs/core';
import type { FileOptions } from '../files/file-set.js';
import type { Transform } from '../transforms/transform.js';

export type Split = 'train' | 'test';

/** Options that every data set takes. */
export interface ExampleOptions {
  /** Default: 'train'. */
  split?: Split | undefined;
  /** Subtract the data set's mean and divide by its standard deviation, per channel. false: values in [0, 1]. Default: true. */
  normalise?: boolean | undefined;
  /** Random changes for training, for example `[randomCrop(), randomFlip()]`. Default: none. */
  transforms?: readonly Transform[] | undefined;
}

export interface LoadOptions extends ExampleOptions, FileOptions {}

export const EXAMPLE_OPTIONS: readonly string[] = ['split', 'normalise', 'transforms'];

export const LOAD_OPTIONS: readonly string[] = [
  ...EXAMPLE_OPTIONS,
  'dataDir',
  'cacheDir',
  'download',
  'mirrors',
  'onProgress',
  'signal',
  'timeout',
];

/** @throws ConfigError for an option that is not among `known`, and for a split that does not exist. */
export function checkOptions(set: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new ConfigError(`'${set}' has no option '${key}'.${nearest(key, known)}`);
  }
  const { split } = options as { split?: unknown };
  if (split !== undefined && split !== 'train' && split !== 'test') {
    throw new ConfigError(
      `The split of '${set}' is 'train' or 'test'. Received: split='${String(split)}'.`,
    );
  }
}
