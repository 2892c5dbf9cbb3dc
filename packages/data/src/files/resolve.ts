import { ConfigError, DataError } from '@stratajs/core';
import { platform } from '#platform';
import { download } from './download.js';
import type { DataSource, FileOptions, FileSet, PublishedFile } from './file-set.js';
import { verify } from './verify.js';

/** The verified files in the order asked for, or why they cannot be had. */
export type Resolved =
  | { readonly files: readonly ResolvedFile[]; readonly source: DataSource }
  | { readonly unavailable: string };

interface ResolvedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly published: PublishedFile;
}

type Kind = 'dir' | 'cache' | 'download';
type Found = ResolvedFile & { readonly kind: Kind };

/**
 * Finds files of a set: in `dataDir` (or STRATA_DATA_DIR), else in the cache, else by download into
 * the cache. Whatever is found is checked against the published size and sha256.
 *
 * @throws DataError when a file that is there is cut short or damaged, or when `dataDir` was given
 *   and does not hold it. ConfigError when an option is out of range.
 */
export async function resolveFiles(
  set: FileSet,
  names: readonly string[],
  options: FileOptions,
): Promise<Resolved> {
  const timeout = options.timeout ?? 20;
  if (!(timeout > 0 && timeout <= 3600)) {
    throw new ConfigError(`timeout is in seconds, in (0, 3600]. Received: timeout=${timeout}.`);
  }
  const files: Found[] = [];
  for (const name of names) {
    const file = await resolveFile(set, name, options, timeout);
    if (typeof file === 'string') return { unavailable: file };
    files.push(file);
  }
  // Of several places, the farthest is the one worth telling.
  const kind = (['download', 'cache', 'dir'] as const).find((k) =>
    files.some((f) => f.kind === k),
  )!;
  const { path } = files.find((file) => file.kind === kind)!;
  return { files, source: { kind, path: path.replace(/[\\/][^\\/]*$/, '') } };
}

async function resolveFile(
  set: FileSet,
  name: string,
  options: FileOptions,
  timeout: number,
): Promise<Found | string> {
  const published = set.files[name]!;
  const dataDir = options.dataDir ?? platform.setting('STRATA_DATA_DIR');
  if (dataDir !== undefined) {
    const path = platform.join(dataDir, set.name, name);
    const bytes = await read(path, platform.readFile);
    if (bytes !== undefined) {
      await verify(bytes, published, path);
      return { kind: 'dir', path, bytes, published };
    }
    if (options.dataDir !== undefined) {
      throw new DataError(
        `dataDir must hold ${set.name}/${name}. Received: dataDir='${dataDir}' without it. ` +
          `Put the file there, or leave dataDir out to use the cache or a download.`,
      );
    }
  }
  const path = platform.join(options.cacheDir ?? platform.defaultCache(), set.name, name);
  return oneAtATime(path, async () => {
    const bytes = await read(path, platform.readCached);
    if (bytes !== undefined) {
      await verify(bytes, published, path);
      return { kind: 'cache', path, bytes, published };
    }
    const missing = `${set.name}/${name} is neither in ${
      dataDir === undefined ? 'a data directory (STRATA_DATA_DIR is not set)' : dataDir
    } nor at ${path}`;
    const mirrors = options.mirrors ?? set.mirrors;
    if (mirrors.length === 0) return `${missing}. ${set.howToObtain}`;
    if (!(options.download ?? platform.setting('STRATA_OFFLINE') === undefined)) {
      return `${missing}, and downloads are turned off (download: false, or STRATA_OFFLINE)`;
    }
    const urls = mirrors.map((base) => `${base.replace(/\/+$/, '')}/${name}`);
    const { signal, onProgress } = options;
    let got: Uint8Array | string;
    try {
      got = await download({ name, file: published, urls, path, timeout, signal, onProgress });
    } catch (error) {
      if (signal?.aborted) throw error;
      return (
        `${missing}, and a download cannot be kept there (${(error as Error).message}). ` +
        'Set STRATA_CACHE_DIR to a folder that can be written'
      );
    }
    if (typeof got === 'string') return `${missing}, and no address served it: ${got}`;
    return { kind: 'download', path, bytes: got, published };
  });
}

async function read(
  path: string,
  from: (path: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  try {
    return await from(path);
  } catch (cause) {
    throw new DataError(
      `A data file must be readable. Received: ${(cause as Error).message} (${path}). ` +
        'Correct its permissions, or point elsewhere (dataDir, STRATA_DATA_DIR, STRATA_CACHE_DIR).',
      { cause },
    );
  }
}

const working = new Map<string, Promise<unknown>>();

/** Of calls for one path, each waits for the one before: the second finds the first one's file. */
async function oneAtATime<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = working.get(path) ?? Promise.resolve();
  const mine = before.then(work, work);
  working.set(path, mine);
  try {
    return await mine;
  } finally {
    if (working.get(path) === mine) working.delete(path);
  }
}
