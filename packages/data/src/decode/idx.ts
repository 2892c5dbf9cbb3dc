import { DataError } from '@stratajs/core';

/** An array read from an IDX file. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major; a view of the bytes given, not a copy. */
  readonly data: Uint8Array;
}

const UINT8 = 0x08;

/**
 * Reads an IDX file of unsigned bytes (LeCun's format for MNIST): two zero bytes, the element type
 * (0x08), the rank, one big-endian uint32 per dimension, then the elements.
 *
 * @param rank The rank that the file must have.
 * @param path Named in errors.
 * @throws DataError when the header is foreign, the type is another, or bytes are missing or left over.
 */
export function decodeIdx(bytes: Uint8Array, rank: number, path: string): IdxArray {
  const fail = (rule: string, received: string): never => {
    throw new DataError(
      `${rule} Received: ${received} in ${path}. Delete the file and obtain it again.`,
    );
  };
  if (bytes.length < 4)
    fail('An IDX file has a header of at least 4 bytes.', `${bytes.length} bytes`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    fail('An IDX file begins with two zero bytes.', `${bytes[0]} ${bytes[1]}`);
  }
  if (bytes[2] !== UINT8) {
    fail('Only IDX files of unsigned bytes (type 0x08) are read.', `type 0x${hex(bytes[2]!)}`);
  }
  if (bytes[3] !== rank) fail(`The IDX file must have rank ${rank}.`, `rank ${bytes[3]}`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    fail(`An IDX header of rank ${rank} takes ${start} bytes.`, `${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length - start !== size) {
    fail(
      `The IDX header promises ${shape.join(' x ')} = ${size} elements.`,
      `${bytes.length - start} bytes of them`,
    );
  }
  return { shape, data: bytes.subarray(start) };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
