import { DataError } from '@stratajs/core';

/**
 * Unpacks gzip (RFC 1952), in Node and in the browser alike.
 *
 * @param limit The most bytes that may come out: a damaged or hostile file cannot fill the memory.
 * @param path Named in errors.
 * @throws DataError when the bytes are no gzip, are cut short or damaged, or unpack to more than `limit`.
 */
export async function gunzip(bytes: Uint8Array, limit: number, path: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    const first = Array.from(bytes.subarray(0, 2), (byte) => byte.toString(16).padStart(2, '0'));
    throw new DataError(
      `A gzip file begins with the bytes 1f 8b. Received: ${first.join(' ') || 'no bytes'} in ${path}. ` +
        'Give the packed file as it was published.',
    );
  }
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    let step: { done: boolean; value?: Uint8Array | undefined };
    try {
      step = await reader.read();
    } catch (cause) {
      throw new DataError(
        `${path} cannot be unpacked: its gzip data are damaged or cut short after ${size} bytes unpacked. ` +
          'Delete it and obtain it again.',
        { cause },
      );
    }
    if (step.done) break;
    const chunk = step.value!;
    size += chunk.length;
    if (size > limit) {
      await reader.cancel();
      throw new DataError(
        `${path} may unpack to ${limit} bytes at most. Received: more. It is not the file it claims to be; ` +
          'delete it and obtain it again.',
      );
    }
    chunks.push(chunk);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
