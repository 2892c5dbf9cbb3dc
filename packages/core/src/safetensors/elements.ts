/** Elements between files and memory. Bits are moved, not numbers, where the type is the same. */
import { CheckpointError } from '../errors.js';
import { ELEMENT_TYPES, type SafetensorsData, type SafetensorsDType } from './format.js';
import { float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.js';

const HOST_IS_LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The elements of `bytes` in memory of their own.
 *
 * @throws CheckpointError for an integer that int32 cannot hold.
 */
export function readElements(
  name: string,
  dtype: SafetensorsDType,
  bytes: Uint8Array,
): SafetensorsData {
  const { size, array } = ELEMENT_TYPES[dtype];
  const count = bytes.byteLength / size;
  const data = new array(count);
  if (size === data.BYTES_PER_ELEMENT && dtype !== 'U32') {
    const copy = new Uint8Array(data.buffer);
    copy.set(bytes);
    swapOnBigEndian(copy, size);
    return data;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bits = new Uint32Array(data.buffer);
  for (let i = 0; i < count; i++) {
    switch (dtype) {
      case 'F16':
        bits[i] = float16ToFloat32(view.getUint16(i * 2, true));
        break;
      case 'BF16':
        bits[i] = view.getUint16(i * 2, true) << 16;
        break;
      case 'F64':
        data[i] = view.getFloat64(i * 8, true);
        break;
      case 'I8':
        data[i] = view.getInt8(i);
        break;
      case 'I16':
        data[i] = view.getInt16(i * 2, true);
        break;
      case 'U16':
        data[i] = view.getUint16(i * 2, true);
        break;
      default:
        data[i] = wideInteger(name, dtype, view, i);
    }
  }
  return data;
}

/**
 * Puts `data` into `out` as elements of `dtype`. 16-bit floats are rounded to nearest.
 *
 * @throws CheckpointError for an integer that the type cannot hold.
 */
export function writeElements(
  name: string,
  dtype: SafetensorsDType,
  data: SafetensorsData,
  out: Uint8Array,
): void {
  const { size } = ELEMENT_TYPES[dtype];
  if (size === data.BYTES_PER_ELEMENT && dtype !== 'U32') {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    swapOnBigEndian(out, size);
    return;
  }
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const bits = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const range = RANGES[dtype];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (range && (x < range[0] || x > range[1])) {
      throw new CheckpointError(
        `${dtype} holds integers from ${range[0]} to ${range[1]}. Received: ${x} in '${name}'. Write it as I32.`,
      );
    }
    if (dtype === 'F16')
      view.setUint16(i * 2, float32ToFloat16(bits.getUint32(i * 4, HOST_IS_LITTLE)), true);
    else if (dtype === 'BF16')
      view.setUint16(i * 2, float32ToBfloat16(bits.getUint32(i * 4, HOST_IS_LITTLE)), true);
    else if (dtype === 'F64') view.setFloat64(i * 8, x, true);
    else if (size === 1) view.setInt8(i, x);
    else if (size === 2) view.setInt16(i * 2, x, true);
    else {
      view.setInt32(i * size, x, true);
      if (size === 8) view.setInt32(i * 8 + 4, x >> 31, true);
    }
  }
}

/** What int32 elements may be, where the type is narrower. */
const RANGES: { readonly [T in SafetensorsDType]?: readonly [number, number] } = {
  I8: [-(2 ** 7), 2 ** 7 - 1],
  I16: [-(2 ** 15), 2 ** 15 - 1],
  U16: [0, 2 ** 16 - 1],
  U32: [0, 2 ** 31 - 1],
  U64: [0, 2 ** 31 - 1],
};

function wideInteger(name: string, dtype: SafetensorsDType, view: DataView, i: number): number {
  const { size } = ELEMENT_TYPES[dtype];
  const low = view.getInt32(i * size, true);
  const high = size === 8 ? view.getInt32(i * 8 + 4, true) : 0;
  const fits = dtype === 'I64' ? high === low >> 31 : high === 0 && low >= 0;
  if (fits) return low;
  const value =
    size === 4
      ? view.getUint32(i * 4, true)
      : dtype === 'I64'
        ? view.getBigInt64(i * 8, true)
        : view.getBigUint64(i * 8, true);
  throw new CheckpointError(
    `Integers are held as int32. Received: ${value} of type ${dtype} at element ${i} of '${name}'. ` +
      'Store it as F32, or leave the tensor out of the file.',
  );
}

function swapOnBigEndian(bytes: Uint8Array, size: number): void {
  if (HOST_IS_LITTLE || size === 1) return;
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}
