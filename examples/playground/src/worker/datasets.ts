/** The images to learn from, and those held out to test on. */
import { type ArrayDataset, digits, mnist, randomCrop } from '@stratajs/data';
import type { Choice, DataId } from '../protocol.js';

export interface Images {
  readonly train: ArrayDataset;
  readonly test: ArrayDataset;
}

const MNIST_FILES = '/data';

export async function dataChoices(): Promise<Choice<DataId>[]> {
  return [
    { id: 'digits', label: 'Digits, generated', whyNot: null },
    { id: 'mnist', label: 'MNIST', whyNot: await whyNoMnist() },
  ];
}

export async function loadImages(id: DataId): Promise<Images> {
  const { train, test } = id === 'digits' ? await generated() : await served();
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

async function served(): Promise<Images> {
  const from = { dataDir: MNIST_FILES, download: false, normalise };
  const test = await mnist({ split: 'test', ...from });
  return { train: await mnist({ split: 'train', ...from }), test: test.subset(2000) };
}

async function whyNoMnist(): Promise<string | null> {
  const address = `${MNIST_FILES}/mnist/train-images-idx3-ubyte.gz`;
  const response = await fetch(address, { method: 'HEAD' }).catch(() => null);
  // A server of single pages answers everything with its page.
  const isFile = response?.ok === true && !response.headers.get('content-type')?.includes('html');
  return isFile
    ? null
    : 'This server does not offer it. Start it with STRATA_DATA_DIR=<folder that holds mnist/>';
}
