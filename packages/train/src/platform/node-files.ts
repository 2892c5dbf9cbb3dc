import { createHash } from 'node:crypto';
import { appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Files } from './files.js';

/** Node's file system. */
export const files: Files = {
  join,
  name: (path) => basename(path),
  parent: (path) => dirname(path),
  absolute: (path) => resolve(path),
  makeDirectory: async (path) => void (await mkdir(path, { recursive: true })),
  list: async (path) => (await orNull(readdir(path)))?.sort() ?? [],
  read: (path) => orNull(readFile(path)),
  append: (path, text) => appendFile(path, text),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  sha256: async (bytes) => createHash('sha256').update(bytes).digest('hex'),

  async write(path, bytes) {
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },

  async sync(path) {
    let handle;
    try {
      handle = await open(path, 'r');
      await handle.sync();
    } catch (error) {
      // Windows can neither open nor sync a directory; its renames are journalled.
      if (process.platform !== 'win32') throw error;
    } finally {
      await handle?.close();
    }
  },
};

async function orNull<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
