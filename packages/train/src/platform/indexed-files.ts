/// <reference lib="dom" />
/**
 * A file system in the browser's IndexedDB, for pages and workers. A transaction changes all or nothing, and so does a rename of a directory
 * with all in it; what a closed tab leaves is whole. (The origin's private file system renames no directories.)
 *
 * A file is its pieces, of which an append adds one: records under [path, number]. Directories are what paths have in common.
 */
import { ConfigError } from '@stratajs/core';
import type { Files } from './files.js';

const DATABASE = 'strata-runs';
const STORE = 'pieces';

export const indexedFiles: Files = {
  join: (...parts) => normal(parts.filter((part) => part !== '').join('/')),
  name: (path) => normal(path).split('/').at(-1)!,
  parent: (path) => normal(path).split('/').slice(0, -1).join('/'),
  absolute: normal,
  makeDirectory: async () => {},
  // Transactions have waited for the disk.
  sync: async () => {},

  async list(path) {
    const before = `${normal(path)}/`;
    const keys = await inStore('readonly', (pieces) => pieces.getAllKeys(inside(path)));
    const names = (keys as [string, number][]).map(
      ([file]) => file.slice(before.length).split('/')[0]!,
    );
    return [...new Set(names)].sort();
  },

  async read(path) {
    const pieces = await inStore('readonly', (store) => store.getAll(ofFile(path)));
    return pieces.length === 0 ? null : joined(pieces as Uint8Array[]);
  },

  write: (path, bytes) =>
    inStore('readwrite', (pieces) => {
      pieces.delete(ofFile(path));
      pieces.put(bytes.slice(), [normal(path), 0]);
    }),

  append: (path, text) =>
    inStore('readwrite', (pieces) => {
      const last = pieces.openKeyCursor(ofFile(path), 'prev');
      last.onsuccess = () => {
        const [, number] = (last.result?.key ?? [path, -1]) as [string, number];
        pieces.put(new TextEncoder().encode(text), [normal(path), number + 1]);
      };
    }),

  rename: (from, to) =>
    inStore('readwrite', (pieces) => {
      pieces.delete(ofFile(to));
      pieces.delete(inside(to));
      const [source, target] = [normal(from), normal(to)];
      for (const range of [ofFile(from), inside(from)]) {
        const cursor = pieces.openCursor(range);
        cursor.onsuccess = () => {
          const piece = cursor.result;
          if (piece === null) return;
          const [path, number] = piece.key as [string, number];
          pieces.put(piece.value, [target + path.slice(source.length), number]);
          piece.delete();
          piece.continue();
        };
      }
    }),

  remove: (path) =>
    inStore('readwrite', (pieces) => {
      pieces.delete(ofFile(path));
      pieces.delete(inside(path));
    }),

  async sha256(bytes) {
    if (globalThis.crypto?.subtle === undefined) {
      throw new ConfigError(
        'Checkpoints need crypto.subtle, which browsers offer on secure origins only. ' +
          'Serve the page over https or from localhost.',
      );
    }
    const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
  },
};

/** The pieces of a file. */
function ofFile(path: string): IDBKeyRange {
  return IDBKeyRange.bound([normal(path)], [normal(path), []]);
}

/** All pieces of the files in a directory: '0' is what follows '/'. */
function inside(path: string): IDBKeyRange {
  return IDBKeyRange.bound([`${normal(path)}/`], [`${normal(path)}0`], false, true);
}

/** Without empty parts, '.' and '..'. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Runs `work` in one transaction; gives the result of the request that it returns, once all is on the disk. */
async function inStore<T>(
  mode: IDBTransactionMode,
  work: (pieces: IDBObjectStore) => IDBRequest<T> | void,
): Promise<T> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(refusal(transaction.error));
    });
    let request;
    try {
      request = work(transaction.objectStore(STORE));
    } catch (error) {
      // What it had done so far would be done.
      transaction.abort();
      await done.catch(() => {});
      throw refusal(error as DOMException);
    }
    await done;
    return request?.result as T;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const { indexedDB } = globalThis as { indexedDB?: IDBFactory };
  if (indexedDB === undefined) throw refusal(null);
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refusal(request.error));
  });
}

function refusal(cause: DOMException | null): ConfigError {
  if (cause?.name === 'QuotaExceededError') {
    return new ConfigError(
      'The browser gives this page no more storage. Remove runs that are not needed, or keep fewer checkpoints (keepLast).',
      { cause },
    );
  }
  return new ConfigError(
    `Runs and checkpoints live in the browser's IndexedDB. Received: ${cause === null ? 'a page without one' : `${cause.name}: ${cause.message}`}. ` +
      'Allow the page to store data (private windows may not), or leave runDir out.',
    cause === null ? undefined : { cause },
  );
}
