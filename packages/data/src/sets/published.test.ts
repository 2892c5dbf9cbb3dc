import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@stratajs/core';
import { afterEach, expect, it, vi } from 'vitest';
import { serve, startFileServer } from '../../test/file-server.js';
import { describeRealData, realData } from '../../test/real-data.js';
import type { ArrayDataset } from '../array-dataset.js';
import { cifar10Subset } from './cifar10-subset.js';
import { fashionMnist } from './fashion-mnist.js';
import { MNIST, mnist } from './mnist.js';

const total = ({ inputs }: ArrayDataset): number => {
  let sum = 0;
  for (let i = 0; i < inputs.data.length; i++) sum += inputs.data[i]!;
  return sum;
};
const firstLabels = ({ labels }: ArrayDataset): number[] => [...labels.subarray(0, 10)];
const counts = ({ labels, numClasses }: ArrayDataset): number[] => {
  const n = Array<number>(numClasses).fill(0);
  for (const label of labels) n[label]!++;
  return n;
};

afterEach(() => void vi.unstubAllEnvs());

// Labels and sums of pixels were computed from the files by a program of their own.
describeRealData('the published files', () => {
  it('MNIST, train', async () => {
    const train = await mnist();
    expect([train.length, train.inputs.shape]).toEqual([MNIST.train, [28, 28, 1]]);
    expect(firstLabels(train)).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(total(train)).toBe(1_567_298_545);
    expect(total(train.slice(0, 1))).toBe(27_525);
    expect(train.source).toEqual({ kind: 'dir', path: join(realData!, 'mnist') });
    // Normalised, the whole has mean 0 and variance 1.
    const { x } = train.get(Array.from({ length: 60_000 }, (_, i) => i));
    const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
    expect(mean).toBeCloseTo(0, 3);
    expect(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length).toBeCloseTo(1, 3);
  });

  it('MNIST, test', async () => {
    const test = await mnist({ split: 'test' });
    expect([test.length, total(test)]).toEqual([MNIST.test, 264_923_200]);
    expect(firstLabels(test)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it('Fashion-MNIST', async () => {
    const train = await fashionMnist();
    expect(firstLabels(train)).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    expect([total(train), total(train.slice(0, 1))]).toEqual([3_431_114_169, 76_247]);
    expect(counts(train)).toEqual(Array(10).fill(6000));
    expect(train.classNames[9]).toBe('Ankle boot');
    const test = await fashionMnist({ split: 'test' });
    expect(firstLabels(test)).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    expect(total(test)).toBe(573_469_082);
  });

  it('cifar10-subset', async () => {
    const train = await cifar10Subset({ normalise: false });
    expect(firstLabels(train)).toEqual([1, 1, 8, 3, 7, 0, 1, 8, 1, 5]);
    expect([train.length, total(train)]).toEqual([10_000, 3_696_756_049]);
    expect(counts(train)).toEqual(Array(10).fill(1000));
    // The first pixel's red, green and blue, and the first image's sum.
    expect([...train.inputs.data.subarray(0, 3)]).toEqual([111, 105, 108]);
    expect(total(train.slice(0, 1))).toBe(389_658);
    const means = [0, 0, 0];
    const { data } = train.inputs;
    for (let i = 0; i < data.length; i += 3) for (let c = 0; c < 3; c++) means[c]! += data[i + c]!;
    const expected = [0.489, 0.48, 0.446];
    means.forEach((m, c) => expect(m / (data.length / 3) / 255).toBeCloseTo(expected[c]!, 3));
    const test = await cifar10Subset({ split: 'test' });
    expect([test.length, total(test)]).toEqual([2_000, 739_953_217]);
    expect(firstLabels(test)).toEqual([1, 1, 8, 7, 3, 2, 0, 8, 0, 5]);
  });

  it('cut short or with a flipped bit: a DataError that names the file and its checksums', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-mnist-'));
    const name = 't10k-labels-idx1-ubyte.gz';
    mkdirSync(join(folder, 'mnist'));
    const images = join('mnist', 't10k-images-idx3-ubyte.gz');
    copyFileSync(join(realData!, images), join(folder, images));
    const bytes = readFileSync(join(realData!, 'mnist', name));
    const load = (): Promise<unknown> =>
      mnist({ split: 'test', dataDir: folder, fallback: 'digits' }).catch((e: unknown) => e);
    writeFileSync(join(folder, 'mnist', name), bytes.subarray(0, 4_000));
    const short = (await load()) as Error;
    expect(short).toBeInstanceOf(DataError);
    expect(short.message).toContain(`${join(folder, 'mnist', name)} is cut short`);
    expect(short.message).toMatch(
      /Expected: 4542 bytes with sha256 f7ae60f9.* Received: 4000 bytes/,
    );
    bytes[2_000]! ^= 16;
    writeFileSync(join(folder, 'mnist', name), bytes);
    const flipped = (await load()) as Error;
    expect(flipped).toBeInstanceOf(DataError);
    expect(flipped.message).toMatch(/is damaged.*Received: 4542 bytes with sha256/);
    rmSync(folder, { recursive: true });
  });

  it('arrive by download as well, and lie in the cache afterwards', async () => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'strata-mnist-'));
    const server = await startFileServer();
    server.answer = (request, response) =>
      serve(readFileSync(join(realData!, 'mnist', request.url!)))(request, response);
    for (const name of ['STRATA_DATA_DIR', 'STRATA_OFFLINE']) vi.stubEnv(name, '');
    const options = { split: 'test', cacheDir, mirrors: [server.url], fallback: 'digits' } as const;
    const first = await mnist(options);
    expect([first.source.kind, first.name, total(first)]).toEqual([
      'download',
      'mnist',
      264_923_200,
    ]);
    await server.close();
    expect((await mnist(options)).source).toEqual({ kind: 'cache', path: join(cacheDir, 'mnist') });
    rmSync(cacheDir, { recursive: true });
  });
});
