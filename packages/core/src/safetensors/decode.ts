import { describe } from '../engine.js';
import { CheckpointError } from '../errors.js';
import { nearest } from '../nearest.js';
import { readElements } from './elements.js';
import {
  ELEMENT_TYPES,
  MAX_HEADER,
  METADATA,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './format.js';
import { repeatedKey } from './repeated-key.js';
import { decodeText } from './text.js';

interface Placed {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The tensors and metadata of a safetensors file, copied out of `bytes`, in the order of their data.
 * F64, F16 and BF16 become float32, integers int32 (U8 and BOOL stay bytes); `dtype` says what the
 * file has.
 *
 * @throws CheckpointError for a file that is truncated, foreign or inconsistent, whatever the fault.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (!(bytes instanceof Uint8Array)) {
    throw new CheckpointError(
      `decodeSafetensors() takes the bytes of a file as a Uint8Array. Received: ${describe(bytes)}.`,
    );
  }
  const headerEnd = headerLength(bytes) + 8;
  const header = parseHeader(bytes.subarray(8, headerEnd));
  const data = bytes.subarray(headerEnd);

  const placed = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => checkEntry(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(placed, data.length);

  const tensors = placed.map(({ name, dtype, shape, begin, end }): [string, SafetensorsEntry] => [
    name,
    { dtype, shape, data: readElements(name, dtype, data.subarray(begin, end)) },
  ]);
  // fromEntries, not assignment: a tensor may be called '__proto__'.
  return { tensors: Object.fromEntries(tensors), metadata: checkMetadata(header[METADATA]) };
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < 8) {
    throw new CheckpointError(
      `A safetensors file begins with 8 bytes that hold its header's length. Received: ${bytes.length} bytes. ` +
        'The file is truncated: write or download it again.',
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER)) {
    throw new CheckpointError(
      `A safetensors header has at most ${MAX_HEADER} bytes. Received: a length of ${length}.${foreign(bytes)}`,
    );
  }
  if (Number(length) > bytes.length - 8) {
    throw new CheckpointError(
      `A safetensors file holds its whole header. Received: a header of ${length} bytes in a file of ${bytes.length}. ` +
        'The file is truncated or foreign: write or download it again.',
    );
  }
  return Number(length);
}

/** What a file that is not ours seems to be. */
function foreign(bytes: Uint8Array): string {
  const is = (...start: number[]): boolean => start.every((b, i) => bytes[i] === b);
  if (is(0x50, 0x4b, 3, 4))
    return ' This is a zip archive, as torch.save() writes: save with safetensors.torch.save_file().';
  if (is(0x89, 0x48, 0x44, 0x46))
    return ' This is an HDF5 file, as Keras writes: convert it to safetensors.';
  return ' The file is corrupt, or of another format.';
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string;
  let header: unknown;
  try {
    text = decodeText(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(
      `A safetensors header is JSON. Received: ${bytes.length} bytes that are not. The file is corrupt, or of another format.`,
      { cause },
    );
  }
  if (!isRecord(header)) {
    throw new CheckpointError(
      `A safetensors header is a JSON object. Received: ${describe(header)}. The file is of another format.`,
    );
  }
  const twice = repeatedKey(text);
  if (twice !== null) {
    throw new CheckpointError(
      `Every name stands once in a safetensors header. Received: '${twice}' twice. Write the file anew.`,
    );
  }
  return header;
}

function checkEntry(name: string, entry: unknown): Placed {
  if (!isRecord(entry)) throw malformed(name, entry);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw malformed(name, entry);
  }
  if (!Object.hasOwn(ELEMENT_TYPES, dtype)) {
    throw new CheckpointError(
      `Unknown dtype of '${name}' in a safetensors file. Received: ${describe(dtype)}.` +
        `${nearest(dtype, Object.keys(ELEMENT_TYPES))} Convert it to F32 where the file is written.`,
    );
  }
  const [begin, end] = offsets as [number, number];
  const length = shape.reduce((n, d) => n * d, ELEMENT_TYPES[dtype as SafetensorsDType].size);
  if (end - begin !== length) {
    throw new CheckpointError(
      `The bytes of a tensor are its elements. Expected for '${name}', ${dtype} [${shape.join(', ')}]: ${length} bytes. ` +
        `Received: data_offsets [${begin}, ${end}]. The file is corrupt.`,
    );
  }
  return { name, dtype: dtype as SafetensorsDType, shape, begin, end };
}

/** Throws unless the tensors, sorted by place, cover the data without hole or overlap. */
function checkCover(placed: readonly Placed[], length: number): void {
  let covered = 0;
  let before = 'the header';
  for (const { name, begin, end } of placed) {
    if (begin !== covered) {
      throw new CheckpointError(
        `Tensors follow one another in a safetensors file. Received: '${name}' begins at byte ${begin}, ` +
          `${before === 'the header' ? 'the data' : `'${before}'`} ${before === 'the header' ? 'begin' : 'ends'} at ${covered}. ` +
          `${begin < covered ? 'They overlap' : 'There is a hole'}: the file is corrupt.`,
      );
    }
    covered = end;
    before = name;
  }
  if (covered !== length) {
    throw new CheckpointError(
      `The tensors of a safetensors file cover its data. Expected: ${covered} bytes of data. Received: ${length}. ` +
        (length < covered
          ? 'The file is truncated: write or download it again.'
          : 'Something was appended to it.'),
    );
  }
}

function checkMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (metadata === undefined || metadata === null) return {};
  if (isRecord(metadata) && Object.values(metadata).every((v) => typeof v === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new CheckpointError(
    `The ${METADATA} of a safetensors file is text by name. Received: ${JSON.stringify(metadata)}. The file is corrupt.`,
  );
}

function malformed(name: string, entry: unknown): CheckpointError {
  return new CheckpointError(
    `A tensor in a safetensors header has dtype, shape and data_offsets [begin, end]. Received for '${name}': ` +
      `${JSON.stringify(entry)}. The file is corrupt, or of another format.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
