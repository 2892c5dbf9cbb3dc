/**
 * The safetensors format: how tensors lie in files. Written by us, read by PyTorch and others.
 *
 *     8 bytes      length n of the header, little endian
 *     n bytes      JSON: { "__metadata__"?: { text: text }, name: { dtype, shape, data_offsets: [begin, end] } … },
 *                  then spaces, so that the data begin at a multiple of 8
 *     rest         elements, row-major, little endian; offsets count from here, without holes or overlaps
 *
 * https://github.com/huggingface/safetensors
 */

/** Element types in files. In memory: F* are Float32Array, U8 and BOOL Uint8Array, all others Int32Array. */
export type SafetensorsDType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'F64'
  | 'I64'
  | 'U64';

export type SafetensorsData = Float32Array | Int32Array | Uint8Array;

export interface SafetensorsEntry {
  /** The type in the file. */
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, SafetensorsEntry>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a type of the file is held in memory. */
type Held = Float32ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor;
interface ElementType {
  /** Bytes of one element in the file. */
  readonly size: 1 | 2 | 4 | 8;
  readonly array: Held;
}

/** In the order of the reference implementation, which writes the last ones first: widest first keeps all aligned. */
export const ELEMENT_TYPES: Readonly<Record<SafetensorsDType, ElementType>> = {
  BOOL: { size: 1, array: Uint8Array },
  U8: { size: 1, array: Uint8Array },
  I8: { size: 1, array: Int32Array },
  I16: { size: 2, array: Int32Array },
  U16: { size: 2, array: Int32Array },
  F16: { size: 2, array: Float32Array },
  BF16: { size: 2, array: Float32Array },
  I32: { size: 4, array: Int32Array },
  U32: { size: 4, array: Int32Array },
  F32: { size: 4, array: Float32Array },
  F64: { size: 8, array: Float32Array },
  I64: { size: 8, array: Int32Array },
  U64: { size: 8, array: Int32Array },
};

/** The key that holds the metadata; no tensor may be called so. */
export const METADATA = '__metadata__';

/** The longest header that the reference implementation reads. */
export const MAX_HEADER = 100_000_000;
