import type { NumericArray } from './data-table.js';
import { MOST_ELEMENTS, outOfMemory, tooManyElements } from './memory-errors.js';

/** Element types that the pool serves. */
export type PooledType = 'float32' | 'int32' | 'bool';

/** One aligned piece of memory that tensors use in turn. */
export interface Block {
  readonly buffer: ArrayBuffer;
  readonly sizeClass: number;
  dtype: PooledType;
  /** The last view that was made of it: a loop asks for the same ones again and again. */
  view: NumericArray;
  /** Records that hold it: the parts of complex tensors share memory with other tensors. */
  holders: number;
  /** Another record may see this memory: never reuse it, never write into it in place. */
  escaped: boolean;
}

/** Larger arrays come from the system each time, and go back to it. */
const LARGEST_POOLED = 2 ** 30;
const SMALLEST = 64;
const BYTES = { float32: 4, int32: 4, bool: 1 } as const;

/**
 * Recycled memory for the results of native kernels: fresh memory costs a page fault per 4 KiB, more
 * than most kernels take. Sizes are rounded up to four classes per power of two.
 */
export class BufferPool {
  private readonly allocate: (bytes: number) => ArrayBuffer;
  private readonly mostFreeBytes: number;
  private readonly free: Block[][] = [];
  private readonly blockOf = new WeakMap<ArrayBufferLike, Block>();
  private freeBytes = 0;
  /** Overwrites what is handed back, so that a test sees who still reads it. */
  poison = false;

  constructor(allocate: (bytes: number) => ArrayBuffer, mostFreeBytes: number) {
    this.allocate = allocate;
    this.mostFreeBytes = mostFreeBytes;
  }

  /**
   * Memory for `length` elements; their values are undefined.
   *
   * @throws BackendError when there is none left, or for 2^31 elements and more.
   */
  take(dtype: PooledType, length: number): Block {
    const bytes = length * BYTES[dtype];
    const sizeClass = classOf(bytes);
    const block = this.free[sizeClass]?.pop();
    if (block === undefined) return this.fresh(dtype, length, bytes, sizeClass);
    this.freeBytes -= classBytes(sizeClass);
    block.holders = 1;
    if (block.dtype !== dtype || block.view.length !== length) {
      block.dtype = dtype;
      block.view = viewOf(block.buffer, dtype, length);
    }
    return block;
  }

  /** Hands a block back for one holder. It may not use the view from here on. */
  give(block: Block): void {
    block.holders--;
    if (block.holders > 0) return;
    if (block.escaped || block.sizeClass < 0) return;
    const bytes = classBytes(block.sizeClass);
    if (this.freeBytes + bytes > this.mostFreeBytes) return;
    if (this.poison) new Uint8Array(block.buffer).fill(0xff);
    this.freeBytes += bytes;
    (this.free[block.sizeClass] ??= []).push(block);
  }

  /** Notes that `values` are now seen from outside the record that owns their block, if they lie in one. */
  escape(values: NumericArray): void {
    const block = this.blockOf.get(values.buffer);
    if (block !== undefined) block.escaped = true;
  }

  /** Lets go of everything that waits to be used again. */
  clear(): void {
    this.free.length = 0;
    this.freeBytes = 0;
  }

  /** Bytes that wait to be used again. */
  get waiting(): number {
    return this.freeBytes;
  }

  private fresh(dtype: PooledType, length: number, bytes: number, sizeClass: number): Block {
    if (length > MOST_ELEMENTS) throw tooManyElements(length, dtype);
    const size = sizeClass < 0 ? bytes : classBytes(sizeClass);
    let buffer: ArrayBuffer;
    try {
      buffer = this.allocate(size);
    } catch {
      // What waits in other classes may be just what is missing.
      this.clear();
      try {
        buffer = this.allocate(size);
      } catch (cause) {
        const mebibytes = (bytes / 2 ** 20).toFixed(1);
        throw outOfMemory(`a tensor of ${length} ${dtype} elements, ${mebibytes} MiB`, cause);
      }
    }
    const view = viewOf(buffer, dtype, length);
    const block: Block = { buffer, sizeClass, dtype, view, holders: 1, escaped: false };
    this.blockOf.set(buffer, block);
    return block;
  }
}

/** Classes 4e + q hold 2^e·(1 + q/4) blocks of 64 bytes, rounded up; −1 is too large to keep. */
function classOf(bytes: number): number {
  if (bytes <= SMALLEST) return 0;
  if (bytes > LARGEST_POOLED) return -1;
  const units = Math.ceil(bytes / SMALLEST);
  const e = 31 - Math.clz32(units);
  const quarters = Math.ceil((units * 4) / 2 ** e) - 4; // 0 … 4; 4 is the next power of two
  return 4 * e + quarters;
}

function classBytes(sizeClass: number): number {
  const e = sizeClass >> 2;
  return Math.ceil((2 ** e * (4 + (sizeClass & 3))) / 4) * SMALLEST;
}

function viewOf(buffer: ArrayBuffer, dtype: PooledType, length: number): NumericArray {
  if (dtype === 'float32') return new Float32Array(buffer, 0, length);
  return dtype === 'int32' ? new Int32Array(buffer, 0, length) : new Uint8Array(buffer, 0, length);
}
