// What runs ask of files, of Node's and of the browser's, the latter in a stand-in for its database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ConfigError } from '@stratajs/core';
import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Files } from './files.js';
import { indexedFiles } from './indexed-files.js';
import { files as nodeFiles } from './node-files.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = async (files: Files, path: string): Promise<string | null> => {
  const read = await files.read(path);
  return read === null ? null : new TextDecoder().decode(read);
};

describe.each<[string, Files]>([
  ['Node', nodeFiles],
  ['a browser', indexedFiles],
])('files of %s', (platform, files) => {
  let root = 'runs';
  beforeEach(() => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    vi.stubGlobal('IDBKeyRange', IDBKeyRange);
    if (platform === 'Node') root = mkdtempSync(files.join(tmpdir(), 'strata-files-'));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    if (platform === 'Node') rmSync(root, { recursive: true, force: true });
  });
  const at = (...parts: string[]): string => files.join(root, ...parts);

  test('are written over, appended to, and read in memory of their own', async () => {
    const values = bytes(1, 2, 3);
    expect(await files.read(at('a'))).toBeNull();
    await files.write(at('a'), values);
    values[0] = 9;
    expect([...(await files.read(at('a')))!]).toEqual([1, 2, 3]);
    await files.write(at('a'), bytes());
    expect([...(await files.read(at('a')))!]).toEqual([]);
    for (const line of ['one\n', 'zwei\n', '三\n']) await files.append(at('log'), line);
    expect(await text(files, at('log'))).toBe('one\nzwei\n三\n');
    await files.write(at('log'), bytes(65));
    await files.append(at('log'), 'B');
    expect(await text(files, at('log'))).toBe('AB');
  });

  test('lie in directories, whose names are listed in order and apart from names that begin alike', async () => {
    await files.makeDirectory(at('x/y'));
    for (const name of ['x/b', 'x/a', 'x/y/c', 'x/y/d', 'xa', 'x0'])
      await files.write(at(name), bytes(1));
    expect(await files.list(at('x'))).toEqual(['a', 'b', 'y']);
    expect(await files.list(at('x/y'))).toEqual(['c', 'd']);
    expect(await files.list(at('none'))).toEqual([]);
    await files.sync(at('x'));
  });

  test('are renamed with all that a directory holds', async () => {
    await files.makeDirectory(at('new.tmp/deep'));
    await files.write(at('new.tmp/a'), bytes(1));
    await files.append(at('new.tmp/deep/log'), 'one');
    await files.append(at('new.tmp/deep/log'), 'two');
    await files.rename(at('new.tmp'), at('new'));
    expect(await files.list(at('new.tmp'))).toEqual([]);
    expect(await files.list(at('new'))).toEqual(['a', 'deep']);
    expect(await text(files, at('new/deep/log'))).toBe('onetwo');
    // Over a file that is there.
    await files.write(at('next'), bytes(7));
    await files.write(at('last'), bytes(8, 8));
    await files.rename(at('next'), at('last'));
    expect([...(await files.read(at('last')))!]).toEqual([7]);
    expect(await files.read(at('next'))).toBeNull();
  });

  test('are removed with all below, and nothing beside', async () => {
    await files.makeDirectory(at('d'));
    await files.write(at('d/a'), bytes(1));
    await files.write(at('d2'), bytes(2));
    await files.remove(at('d'));
    await files.remove(at('d'));
    expect(await files.list(root)).toEqual(['d2']);
  });

  test('have paths with names and parents, and checksums', async () => {
    expect(files.join('runs', 'a', '../b', '')).toBe('runs/b');
    expect(files.name('runs/a')).toBe('a');
    expect(files.parent('runs/a/b')).toBe('runs/a');
    expect(files.absolute(files.absolute('runs'))).toBe(files.absolute('runs'));
    expect(await files.sha256(bytes(97, 98, 99))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

test('a browser that gives no more storage, or none, says what to do; what was there stays', async () => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
  vi.stubGlobal('indexedDB', new IDBFactory());
  await indexedFiles.write('runs/a', bytes(1));
  const full = new DOMException('full', 'QuotaExceededError');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw full;
  });
  await expect(indexedFiles.write('runs/a', bytes(2))).rejects.toThrow(/no more storage.*keepLast/);
  put.mockRestore();
  expect([...(await indexedFiles.read('runs/a'))!]).toEqual([1]);
  vi.stubGlobal('indexedDB', {
    open() {
      const request = { error: new DOMException('denied', 'SecurityError') } as never as IDBRequest;
      queueMicrotask(() => request.onerror!(new Event('error')));
      return request;
    },
  });
  await expect(indexedFiles.read('runs/a')).rejects.toThrow(ConfigError);
  await expect(indexedFiles.read('runs/a')).rejects.toThrow(
    /SecurityError: denied.*Allow the page/,
  );
  vi.unstubAllGlobals();
});
