import { DataError } from '@stratajs/core';

export const CIFAR_SIZE = 32;
export const CIFAR_CHANNELS = 3;
const PLANE = CIFAR_SIZE * CIFAR_SIZE;
const RECORD = 1 + CIFAR_CHANNELS * PLANE;

/** Images [n, 32, 32, 3] and their labels. */
export interface CifarRecords {
  readonly images: Uint8Array;
  readonly labels: Int32Array;
}

/**
 * Reads CIFAR-10's binary format: per image one label byte, then 1,024 red, 1,024 green and 1,024
 * blue bytes, row-major. The planes become the channels of each pixel (CHW → HWC).
 *
 * @param path Named in errors.
 * @throws DataError when the file is empty, ends inside a record, or holds a label above 9.
 */
export function decodeCifar(bytes: Uint8Array, path: string): CifarRecords {
  const count = bytes.length / RECORD;
  if (count === 0 || !Number.isInteger(count)) {
    throw new DataError(
      `A CIFAR-10 file consists of records of ${RECORD} bytes, one at least. ` +
        `Received: ${bytes.length} bytes in ${path}. Delete the file and obtain it again.`,
    );
  }
  const images = new Uint8Array(count * CIFAR_CHANNELS * PLANE);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = i * RECORD;
    const label = bytes[from]!;
    if (label > 9) {
      throw new DataError(
        `CIFAR-10 labels lie between 0 and 9. Received: ${label} in record ${i} of ${path}. ` +
          'Delete the file and obtain it again.',
      );
    }
    labels[i] = label;
    const red = from + 1;
    let to = i * CIFAR_CHANNELS * PLANE;
    for (let p = red; p < red + PLANE; p++) {
      images[to++] = bytes[p]!;
      images[to++] = bytes[p + PLANE]!;
      images[to++] = bytes[p + 2 * PLANE]!;
    }
  }
  return { images, labels };
}
