/** Programs that download a published data set in a page, as a user would. */
import { DataError } from '@stratajs/core';
import { mnist, type MnistOptions } from '../../src/index.js';

export interface Downloaded {
  readonly source: string;
  readonly examples: number;
  /** Of all pixels, to see that they are the right ones. */
  readonly sum: number;
  /** Of the first file: how many bytes were there when its first ones arrived in this page. */
  readonly first: number | null;
}

const IMAGES = 't10k-images-idx3-ubyte.gz';

/** Tells the server of the first bytes that arrive. */
async function finish(mirror: string): Promise<Downloaded> {
  let first: number | null = null;
  const set = await mnist({
    split: 'test',
    mirrors: [mirror],
    onProgress: ({ file, received }) => {
      if (file !== IMAGES || first !== null) return;
      first = received;
      fetch(`${mirror}/arrived`).catch(() => {});
    },
  });
  const pixels = set.inputs.data as Uint8Array;
  return {
    source: set.source.kind,
    examples: set.length,
    sum: pixels.reduce((a, b) => a + b, 0),
    first,
  };
}

/** Resolves in mid-download, once something of it is stored: the page is left then. */
async function leave(mirror: string): Promise<void> {
  const gone = mnist({ split: 'test', mirrors: [mirror] });
  gone.catch(() => {});
  for (;;) {
    const names = await caches.keys();
    const stored = await Promise.all(names.map(async (n) => (await caches.open(n)).keys()));
    if (stored.flat().some(({ url }) => url.includes('piece='))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const fail = (mirror: string): Promise<string> => messageOf({ mirrors: [mirror] });
const read = (dataDir: string): Promise<string> => messageOf({ dataDir });

async function messageOf(options: MnistOptions): Promise<string> {
  const error: unknown = await mnist(options).catch((e) => e);
  return error instanceof DataError ? error.message : `no DataError: ${String(error)}`;
}

const programs = { finish, leave, fail, read };

Object.assign(globalThis, {
  run: (name: keyof typeof programs, mirror: string) => programs[name](mirror),
});
