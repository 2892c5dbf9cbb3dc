/** The images to learn from, and those held out to test on. */
import {
  type ArrayDataset,
  digits,
  type DownloadProgress,
  mnist,
  randomCrop,
} from '@stratajs/data';
import type { Choice, DataId } from '../protocol.js';

export interface Images {
  readonly train: ArrayDataset;
  readonly test: ArrayDataset;
}

/** Where the server has the files. What has arrived of them stays in this browser, and is asked for no more. */
const MNIST_FILES = `${location.origin}/data/mnist`;

export async function dataChoices(): Promise<Choice<DataId>[]> {
  return [
    { id: 'digits', label: 'Digits, generated', whyNot: null },
    { id: 'mnist', label: 'MNIST', whyNot: await whyNoMnist() },
  ];
}

/** @param tell told what is waited for. */
export async function loadImages(id: DataId, tell: (what: string) => void): Promise<Images> {
  const { train, test } = id === 'digits' ? await generated() : await served(tell);
  // Shifted a little each time: few images are not learnt by heart so soon.
  return { train: train.with({ transforms: [randomCrop({ padding: 2 })] }), test };
}

/** Values between 0 and 1, as drawings on the page have. */
const normalise = false;

/** So few that they are there at once. */
async function generated(): Promise<Images> {
  return {
    train: await digits({ split: 'train', count: 2400, normalise }),
    test: await digits({ split: 'test', count: 400, normalise }),
  };
}

async function served(tell: (what: string) => void): Promise<Images> {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const from = {
    mirrors: [MNIST_FILES],
    normalise,
    onProgress: ({ received, total }: DownloadProgress) =>
      tell(`MNIST, ${megabytes(received)} of ${megabytes(total)} MB`),
  };
  const test = await mnist({ split: 'test', ...from });
  return { train: await mnist({ split: 'train', ...from }), test: test.subset(2000) };
}

async function whyNoMnist(): Promise<string | null> {
  const address = `${MNIST_FILES}/train-images-idx3-ubyte.gz`;
  const response = await fetch(address, { method: 'HEAD' }).catch(() => null);
  // A server of single pages answers everything with its page.
  const isFile = response?.ok === true && !response.headers.get('content-type')?.includes('html');
  return isFile
    ? null
    : 'This server does not offer it. Start it with STRATA_DATA_DIR=<folder that holds mnist/>';
}
