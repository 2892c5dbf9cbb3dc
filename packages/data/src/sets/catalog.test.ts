import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, DataError } from '@stratajs/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomFlip } from '../transforms/random-flip.js';
import { type AnyDatasetOptions, listDatasets, loadDataset } from './catalog.js';
import { mnist } from './mnist.js';

let cacheDir: string;
beforeEach(() => {
  for (const name of ['STRATA_DATA_DIR', 'STRATA_OFFLINE']) vi.stubEnv(name, '');
  cacheDir = mkdtempSync(join(tmpdir(), 'strata-data-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cacheDir, { recursive: true });
});

describe('the catalogue', () => {
  it('lists every data set with what a person asks first', () => {
    expect(listDatasets().map((d) => d.name)).toEqual([
      'mnist',
      'fashion-mnist',
      'cifar10-subset',
      'digits',
    ]);
    for (const info of listDatasets()) {
      expect(info.classNames.length).toBe(10);
      expect(info.mean.length).toBe(info.shape.at(-1));
      expect(info.std.length).toBe(info.shape.at(-1));
      expect(info.train).toBeGreaterThan(info.test);
      expect(info.description).not.toBe('');
      expect(info.licence).not.toBe('');
    }
  });

  it('loads by name', async () => {
    const dataset = await loadDataset('digits', { count: 3, seed: 1 });
    expect([dataset.name, dataset.length]).toEqual(['digits', 3]);
  });

  it.each<[string, AnyDatasetOptions, RegExp]>([
    ['minst', {}, /There is no data set 'minst'\. Did you mean 'mnist'\?/],
    ['constructor', {}, /no data set 'constructor'/],
    ['imagenet-21k', {}, /Known: mnist, fashion-mnist, cifar10-subset, digits/],
    ['mnist', { split: 'valid' as 'test' }, /split='valid'/],
    ['mnist', { count: 5 }, /'mnist' has no option 'count'/],
    ['digits', { dataDir: '/x' }, /'digits' has no option 'dataDir'/],
    ['fashion-mnist', { fallback: 'digits' }, /'fashion-mnist' has no option 'fallback'/],
    ['cifar10-subset', { spilt: 'test' } as AnyDatasetOptions, /Did you mean 'split'\?/],
    ['mnist', { fallback: 'zeros' as 'digits' }, /fallback='zeros'/],
  ])('refuses %s with %j', async (name, options, message) => {
    await expect(loadDataset(name, options)).rejects.toThrow(ConfigError);
    await expect(loadDataset(name, options)).rejects.toThrow(message);
  });
});

describe('data that cannot be had', () => {
  const nowhere = { download: false } as const;

  it.each(['mnist', 'fashion-mnist', 'cifar10-subset'])(
    '%s: says where it looked and what to do',
    async (name) => {
      const error = await loadDataset(name, { cacheDir, ...nowhere }).catch((e: Error) => e);
      expect(error).toBeInstanceOf(DataError);
      const { message } = error as Error;
      expect(message).toContain(join(cacheDir, name));
      expect(message).toContain('STRATA_DATA_DIR=<folder>');
    },
  );

  it('cifar10-subset has no download, and says so', async () => {
    await expect(loadDataset('cifar10-subset', { cacheDir })).rejects.toThrow(
      /served nowhere, so there is no download/,
    );
  });

  it('MNIST gives way to generated digits only when asked, and plainly', async () => {
    const options = { cacheDir, mirrors: ['http://127.0.0.1:1'] };
    await expect(mnist(options)).rejects.toThrow(/MNIST cannot be had.*127\.0\.0\.1:1/);
    const transforms = [randomFlip()];
    const stand = await mnist({ ...options, split: 'test', fallback: 'digits', transforms });
    expect([stand.name, stand.length, stand.transforms]).toEqual(['digits', 2000, transforms]);
    expect(stand.source.kind).toBe('procedural');
    expect(stand.source.standsInFor?.name).toBe('mnist');
    expect(stand.source.standsInFor?.reason).toMatch(/no address served it: http:\/\/127/);
  });
});
