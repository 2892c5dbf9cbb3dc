import { DataError } from '@stratajs/core';
import type { Part } from '../platform/platform.js';
import type { CancelSignal } from './file-set.js';

export interface TransferOptions {
  /** Bytes that the whole file has. */
  readonly total: number;
  /** Milliseconds without a byte after which the address counts as dead. */
  readonly patience: number;
  readonly signal: CancelSignal | undefined;
  onBytes(received: number): void;
}

/**
 * Fetches what `part` lacks of the file at `url`: one request, a range request when the part holds
 * something already. Returns when the part holds `total` bytes.
 *
 * @throws DataError saying what the server did wrong; the part keeps what is worth keeping.
 */
export async function transfer(url: string, part: Part, options: TransferOptions): Promise<void> {
  const { total, patience, signal } = options;
  const abort = new AbortController();
  const cancel = (): void => abort.abort();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waitAnew = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      abort.abort();
    }, patience);
  };
  signal?.addEventListener('abort', cancel);
  waitAnew();
  try {
    // A server that packs what is packed would have the bytes unpacked on the way, and the checksum fail.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (part.size > 0) headers['range'] = `bytes=${part.size}-`;
    const response = await fetch(url, { headers, signal: abort.signal });
    await accept(response, part, total);
    const reader = response.body!.getReader();
    for (;;) {
      waitAnew();
      const { done, value } = await reader.read();
      if (done) break;
      if (part.size + value.length > total) {
        await reader.cancel();
        await part.clear();
        throw new DataError(`more than the ${total} bytes expected`);
      }
      await part.append(value);
      options.onBytes(part.size);
    }
    if (part.size < total) throw new DataError(`ended after ${part.size} of ${total} bytes`);
  } catch (error) {
    if (stalled) throw new DataError(`no bytes for ${patience / 1000} s`, { cause: error });
    if (error instanceof DataError) throw error;
    throw new DataError(reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    abort.abort();
  }
}

/** Checks the answer's status and headers, and empties the part when the server starts from the beginning. */
async function accept(response: Response, part: Part, total: number): Promise<void> {
  if (response.status === 206) {
    const range = response.headers.get('content-range');
    // A page sees this header of another origin only where that exposes it. The checksum decides.
    if (range === null) return;
    const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
    if (Number(start) === part.size && (size === '*' || Number(size) === total)) return;
    await part.clear();
    throw new DataError(`a range other than the one asked for (${range})`);
  }
  if (response.status === 416) {
    await part.clear();
    throw new DataError('HTTP 416: it has no such range');
  }
  if (response.status !== 200) throw new DataError(`HTTP ${response.status}`);
  const length = response.headers.get('content-length');
  const plain = !response.headers.has('content-encoding');
  if (plain && length !== null && Number(length) !== total) {
    throw new DataError(`a file of ${length} bytes, not ${total}`);
  }
  await part.clear();
}

/** fetch() says only "fetch failed"; why is in the causes beneath. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as {
    message?: string;
    cause?: { message?: string; code?: string };
  };
  const why = cause?.message || cause?.code;
  return why ? `${message} (${why})` : String(message ?? error);
}
