import { platform } from '#platform';
import type { CancelSignal, DownloadProgress, PublishedFile } from './file-set.js';
import { transfer } from './transfer.js';
import { mismatch } from './verify.js';

/** Requests to one address as long as each brings the file further. */
const TRIES_PER_ADDRESS = 3;

export interface DownloadRequest {
  readonly name: string;
  readonly file: PublishedFile;
  readonly urls: readonly string[];
  /** The final place; it appears only whole and verified. */
  readonly path: string;
  /** Seconds. */
  readonly timeout: number;
  readonly signal: CancelSignal | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Downloads one file from the first address that serves it, going on from where an interrupted
 * download stopped. A connection that breaks is taken up again up to twice; an address that brings
 * nothing, or wrong bytes, is left for the next.
 *
 * @returns The verified bytes, or what each address did wrong.
 * @throws The signal's reason when it aborts; the error of the disk when the cache cannot be written.
 */
export async function download(request: DownloadRequest): Promise<Uint8Array | string> {
  const { name, file, urls, path, signal } = request;
  const part = await platform.openPart(path);
  const failures: string[] = [];
  try {
    for (const url of urls) {
      for (let tries = 1; tries <= TRIES_PER_ADDRESS; tries++) {
        throwIfAborted(signal);
        const before = part.size;
        try {
          if (before < file.bytes) {
            await transfer(url, part, {
              total: file.bytes,
              patience: request.timeout * 1000,
              signal,
              onBytes: (received) =>
                request.onProgress?.({ file: name, url, received, total: file.bytes }),
            });
          }
        } catch (error) {
          throwIfAborted(signal);
          failures.push(`${url}: ${(error as Error).message}`);
          // A part that was emptied (before > 0) deserves one request from the beginning.
          if (part.size > before || (before > 0 && part.size === 0)) continue;
          break;
        }
        const bytes = await part.read();
        const wrong = await mismatch(bytes, file);
        if (wrong === null) {
          await part.commit();
          return bytes;
        }
        await part.clear();
        failures.push(`${url}: ${wrong}`);
        // The wrong bytes may be those that an earlier download left behind.
        if (before === 0) break;
      }
    }
    return failures.join('; ');
  } finally {
    await part.close();
  }
}

function throwIfAborted(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
