import {
  backend_util,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { outOfMemory } from '../storage/memory-errors.js';
import type { NumericArray } from '../storage/data-table.js';
import type { WasmModule } from './program.js';

type Values = backend_util.BackendValues | number[] | string[] | null | undefined;

/** The data behind a tensor of this engine; tfjs's kernels read `id` and `shape`. */
interface WasmData {
  /** The number by which the program knows it; none of its own: 0. */
  readonly id: number;
  /** Of its elements in the program's memory; null for strings and complex numbers. */
  readonly memoryOffset: number | null;
  readonly shape: number[];
  readonly dtype: DataType;
  refCount: number;
  readonly stringBytes?: Uint8Array[];
  readonly complexTensorInfos?: { readonly real: TensorInfo; readonly imag: TensorInfo };
}

/** WebAssembly addresses 4 GiB. */
const MOST_BYTES = 2 ** 32 - 1;

const BYTES: Readonly<Partial<Record<DataType, number>>> = { float32: 4, int32: 4, bool: 1 };

/**
 * The tfjs backend of the WASM tier. To tfjs's kernels it looks like the `BackendWasm` that they were
 * written for. Differs from it: memory that runs out is an error, not a write to address 0; complex
 * numbers are held, as two tensors; arrays are stored in the type of their dtype.
 *
 * Strings stay outside the program's memory. A read copies.
 */
export class StrataWasmBackend extends KernelBackend {
  readonly wasm: WasmModule;
  /** Under the name that tfjs's kernels use. */
  readonly dataIdMap: DataStorage<WasmData>;
  private readonly live = new Set<object>();
  private nextId = 1;
  private heldBytes = 0;
  private readonly registerTensor: (id: number, size: number, address: number) => number;
  private readonly forgetTensor: (id: number) => number;

  constructor(wasm: WasmModule) {
    super();
    this.wasm = wasm;
    this.dataIdMap = new DataStorage(this, engine());
    this.registerTensor = wasm.cwrap('register_tensor', null, ['number', 'number', 'number']);
    this.forgetTensor = wasm.cwrap('dispose_data', null, ['number']);
  }

  override write(values: Values, shape: number[], dtype: DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: Values,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    if (dtype === 'string') {
      this.add(dataId, {
        id: 0,
        memoryOffset: null,
        shape,
        dtype,
        refCount,
        stringBytes: values as Uint8Array[],
      });
    } else if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
      this.addComplex(
        dataId,
        this.makeOutput(shape, 'float32', null, real),
        this.makeOutput(shape, 'float32', null, imag),
        refCount,
      );
    } else {
      const size = util.sizeFromShape(shape);
      const memoryOffset = this.reserve(size, dtype);
      this.own(dataId, size, memoryOffset, shape, dtype, refCount);
      if (values) this.view(memoryOffset, dtype, size).set(values as NumericArray);
    }
  }

  /** A tensor for a kernel's result; of undefined content without values. `memoryOffset`: memory the program made. */
  makeOutput(
    shape: number[],
    dtype: DataType,
    memoryOffset?: number | null,
    values?: Values,
  ): TensorInfo {
    if (memoryOffset === null || memoryOffset === undefined) {
      return { dataId: this.write(values, shape, dtype), shape, dtype };
    }
    const dataId = {};
    this.own(dataId, util.sizeFromShape(shape), memoryOffset, shape, dtype, 1);
    return { dataId, shape, dtype };
  }

  /** A complex tensor of two float32 ones, which it takes over. */
  makeComplex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    this.addComplex(dataId, real, imag, 1);
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  /** The same elements under another shape, nothing copied. */
  share(x: TensorInfo, shape: number[] = x.shape): TensorInfo {
    this.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype: x.dtype };
  }

  /** The elements in the program's memory; any allocation may invalidate it. */
  typedArrayFromHeap({ dataId, shape, dtype }: TensorInfo): NumericArray {
    return this.view(this.getMemoryOffset(dataId), dtype, util.sizeFromShape(shape));
  }

  getMemoryOffset(dataId: object): number {
    return this.dataIdMap.get(dataId).memoryOffset as number;
  }

  /** Gives part of a tensor's memory a number of its own for the time of `use`. */
  withPart<T>(x: TensorInfo, offset: number, size: number, use: (id: number) => T): T {
    const id = this.nextId++;
    this.registerTensor(id, size, this.getMemoryOffset(x.dataId) + 4 * offset);
    try {
      return use(id);
    } finally {
      this.forgetTensor(id);
    }
  }

  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override readSync(dataId: object, start?: number, end?: number): backend_util.BackendValues {
    const { memoryOffset, dtype, shape, stringBytes, complexTensorInfos } =
      this.dataIdMap.get(dataId);
    if (stringBytes) return stringBytes.slice(start, end);
    if (complexTensorInfos) {
      const { real, imag } = complexTensorInfos;
      return backend_util.mergeRealAndImagArrays(
        this.typedArrayFromHeap(real) as Float32Array,
        this.typedArrayFromHeap(imag) as Float32Array,
      );
    }
    return this.view(memoryOffset as number, dtype, util.sizeFromShape(shape)).slice(start, end);
  }

  override disposeData(dataId: object, force: boolean = false): boolean {
    if (!this.live.has(dataId)) return true;
    const data = this.dataIdMap.get(dataId);
    data.refCount--;
    if (data.refCount > 0 && !force) return false;
    if (data.complexTensorInfos) {
      this.disposeData(data.complexTensorInfos.real.dataId);
      this.disposeData(data.complexTensorInfos.imag.dataId);
    }
    this.live.delete(dataId);
    this.dataIdMap.delete(dataId);
    // Before its memory goes: the program drops what it has packed of these weights.
    if (data.id !== 0) this.forgetTensor(data.id);
    if (data.memoryOffset !== null) {
      this.wasm._free(data.memoryOffset);
      this.heldBytes -= bytesOf(data);
    }
    return true;
  }

  disposeIntermediateTensorInfo(info: TensorInfo): void {
    this.disposeData(info.dataId);
  }

  override refCount(dataId: object): number {
    return this.live.has(dataId) ? this.dataIdMap.get(dataId).refCount : 0;
  }

  override incRef(dataId: object): void {
    this.dataIdMap.get(dataId).refCount++;
  }

  override numDataIds(): number {
    return this.live.size;
  }

  override time(f: () => void): Promise<{ kernelMs: number }> {
    const start = util.now();
    f();
    return Promise.resolve({ kernelMs: util.now() - start });
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  /** Frees every tensor; the program itself goes on, as tfjs may ask for a backend anew. */
  override dispose(): void {
    for (const dataId of this.live) this.disposeData(dataId, true);
  }

  private reserve(size: number, dtype: DataType): number {
    const bytes = size * (BYTES[dtype] as number);
    // Asked for more than is left of its 4 GiB, malloc may wrap around and give an address outside of them.
    const fits = this.heldBytes + bytes <= MOST_BYTES;
    // `>>> 0`: addresses above 2 GiB come as negative numbers.
    const address = fits ? this.wasm._malloc(bytes) >>> 0 : 0;
    if (bytes > 0 && (address === 0 || address + bytes > this.wasm.HEAPU8.length)) {
      const mebibytes = (bytes / 2 ** 20).toFixed(1);
      const wanted = `a tensor of ${size} ${dtype} elements, ${mebibytes} MiB, on the WASM tier, which has 4 GiB at most`;
      throw outOfMemory(wanted, undefined);
    }
    return address;
  }

  private own(
    dataId: object,
    size: number,
    memoryOffset: number,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const id = this.nextId++;
    this.registerTensor(id, size, memoryOffset);
    this.add(dataId, { id, memoryOffset, shape, dtype, refCount });
  }

  private addComplex(dataId: object, real: TensorInfo, imag: TensorInfo, refCount: number): void {
    this.add(dataId, {
      id: 0,
      memoryOffset: null,
      shape: real.shape,
      dtype: 'complex64',
      refCount,
      complexTensorInfos: { real, imag },
    });
  }

  private add(dataId: object, data: WasmData): void {
    if (data.memoryOffset !== null) this.heldBytes += bytesOf(data);
    this.live.add(dataId);
    this.dataIdMap.set(dataId, data);
  }

  private view(address: number, dtype: DataType, size: number): NumericArray {
    const { buffer } = this.wasm.HEAPU8;
    if (dtype === 'float32') return new Float32Array(buffer, address, size);
    return dtype === 'int32'
      ? new Int32Array(buffer, address, size)
      : new Uint8Array(buffer, address, size);
  }
}

function bytesOf({ shape, dtype }: WasmData): number {
  return util.sizeFromShape(shape) * (BYTES[dtype] as number);
}
