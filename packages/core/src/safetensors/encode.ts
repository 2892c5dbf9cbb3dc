import { describe } from '../engine.js';
import { CheckpointError } from '../errors.js';
import { nearest } from '../nearest.js';
import { writeElements } from './elements.js';
import { ELEMENT_TYPES, METADATA, type SafetensorsDType, type SafetensorsEntry } from './format.js';
import { encodeText } from './text.js';

const ORDER = Object.keys(ELEMENT_TYPES) as SafetensorsDType[];

/**
 * A safetensors file of these tensors. The bytes depend on names and values only, not on the order
 * of the record: types as the reference implementation orders them (widest first), then names.
 *
 * @param metadata text by name, for example the layout that the tensors have.
 * @throws CheckpointError for an unknown dtype, data of another length or class than dtype and shape
 * say, an integer beyond the dtype, a tensor called '__metadata__', or metadata that is not text.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, SafetensorsEntry>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const named = Object.entries(tensors);
  for (const [name, entry] of named) checkEntry(name, entry);
  named.sort(
    ([a, x], [b, y]) => ORDER.indexOf(y.dtype) - ORDER.indexOf(x.dtype) || compareUtf8(a, b),
  );

  const header: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => compareUtf8(a, b));
  for (const [key, value] of texts) {
    if (typeof value !== 'string') {
      throw new CheckpointError(
        `The metadata of a safetensors file is text by name. Received: '${key}' is ${describe(value)}. JSON.stringify() it.`,
      );
    }
  }
  if (texts.length > 0) header.push([METADATA, JSON.stringify(Object.fromEntries(texts))]);
  let end = 0;
  for (const [name, { dtype, shape, data }] of named) {
    const begin = end;
    end += data.length * ELEMENT_TYPES[dtype].size;
    header.push([name, JSON.stringify({ dtype, shape, data_offsets: [begin, end] })]);
  }
  // Joined by hand: an object would put names like '10' first.
  const json = encodeText(`{${header.map(([k, v]) => `${JSON.stringify(k)}:${v}`).join(',')}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;

  const file = new Uint8Array(8 + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  file.fill(0x20, 8 + json.length, 8 + headerLength);
  let at = 8 + headerLength;
  for (const [name, { dtype, data }] of named) {
    const length = data.length * ELEMENT_TYPES[dtype].size;
    writeElements(name, dtype, data, file.subarray(at, at + length));
    at += length;
  }
  return file;
}

function checkEntry(name: string, { dtype, shape, data }: SafetensorsEntry): void {
  if (name === METADATA) {
    throw new CheckpointError(
      `The name '${METADATA}' belongs to the format. Received: a tensor of that name. Rename it.`,
    );
  }
  if (!Object.hasOwn(ELEMENT_TYPES, dtype)) {
    throw new CheckpointError(
      `Unknown dtype of '${name}' in a safetensors file. Received: ${describe(dtype)}.${nearest(String(dtype), ORDER)}`,
    );
  }
  const { array } = ELEMENT_TYPES[dtype];
  if (!(data instanceof array)) {
    throw new CheckpointError(
      `Elements of type ${dtype} come as ${array.name}. Received: ${describe(data)} for '${name}'.`,
    );
  }
  const size = shape.reduce((n, d) => n * d, 1);
  if (!shape.every((d) => Number.isInteger(d) && d >= 0) || size !== data.length) {
    throw new CheckpointError(
      `The shape of '${name}' says how many elements it has. Received: shape [${shape.join(', ')}] and ${data.length} elements.`,
    );
  }
}

/** Order of the UTF-8 bytes, which is that of the code points. */
function compareUtf8(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const d = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (d !== 0) return d;
  }
  return x.length - y.length;
}
