import { DataError } from '@stratajs/core';
import { platform } from '#platform';
import type { PublishedFile } from './file-set.js';

/** What is wrong with the bytes of a published file, or null when they are the published ones. */
export async function mismatch(bytes: Uint8Array, file: PublishedFile): Promise<string | null> {
  const sha256 = await platform.sha256(bytes);
  if (bytes.length === file.bytes && sha256 === file.sha256) return null;
  return (
    `Expected: ${file.bytes} bytes with sha256 ${file.sha256}. ` +
    `Received: ${bytes.length} bytes with sha256 ${sha256}`
  );
}

/** @throws DataError unless the bytes read from `path` are the published ones. */
export async function verify(bytes: Uint8Array, file: PublishedFile, path: string): Promise<void> {
  const wrong = await mismatch(bytes, file);
  if (wrong === null) return;
  if (bytes.length === file.unpacked && file.unpacked !== file.bytes) {
    throw new DataError(
      `${path} was unpacked on its way. ${wrong}. ` +
        "A browser does so where the server sends 'content-encoding: gzip' with a .gz file: serve it without that header.",
    );
  }
  const how = bytes.length < file.bytes ? 'cut short' : 'damaged, or another file';
  throw new DataError(
    `${path} is ${how}. ${wrong}. ` +
      'Delete it, so that it is obtained anew, or point elsewhere (dataDir, STRATA_DATA_DIR).',
  );
}
