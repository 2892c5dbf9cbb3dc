import {
  backend_util,
  buffer,
  type DataToGPUOptions,
  type DataType,
  engine,
  kernel_impls,
  KernelBackend,
  type Rank,
  type Tensor,
  type TensorBuffer,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { BufferPool, PooledType } from './storage/buffer-pool.js';
import {
  type DataId,
  type DataRecord,
  DataTable,
  type NumericArray,
} from './storage/data-table.js';

type Values = DataRecord['values'] | number[] | string[];

/**
 * The tfjs backend of this engine. To tfjs's JavaScript kernels it looks like the `MathBackendCPU`
 * that they were written for; native kernels find typed arrays of exactly their dtype in `data`.
 *
 * A read copies. Memory returns to the pool when the last tensor that holds it goes, unless a
 * JavaScript kernel made another tensor of the same memory (as Slice does): such memory has escaped,
 * and the garbage collector has it.
 */
export class StrataCpuBackend extends KernelBackend {
  readonly data: DataTable;
  /** Read by tfjs's matrix product. */
  readonly blockSize = 48;
  /** Null on the JavaScript tier, whose arrays are plain. */
  readonly pool: BufferPool | null;

  constructor(pool: BufferPool | null) {
    super();
    this.pool = pool;
    this.data = new DataTable(this, engine());
  }

  /** An output of a native kernel: pooled memory with undefined values. */
  allocate(shape: number[], dtype: PooledType, size: number): TensorInfo {
    return { dataId: this.allocateId(dtype, size), shape, dtype };
  }

  allocateId(dtype: PooledType, size: number): DataId {
    const block = (this.pool as BufferPool).take(dtype, size);
    return this.data.add({ values: block.view, dtype, refCount: 1, block });
  }

  /** The elements themselves, for a kernel that is running. */
  values(info: { dataId: object }): NumericArray {
    return this.data.get(info.dataId).values as NumericArray;
  }

  /** A tensor of the same memory with a data id of its own, as the parts of complex tensors need. */
  alias({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
    const { values, block } = this.data.get(dataId);
    if (block !== null) block.holders++;
    return { dataId: this.data.add({ values, dtype, refCount: 1, block }), shape, dtype };
  }

  /** A complex tensor, which owns its parts: float32 tensors of its shape. */
  complexOf(real: TensorInfo, imag: TensorInfo, shape: number[]): TensorInfo {
    const complexTensorInfos = { real, imag };
    const record = { values: undefined, refCount: 1, complexTensorInfos, block: null };
    return { dataId: this.data.add({ ...record, dtype: 'complex64' }), shape, dtype: 'complex64' };
  }

  /** The real and the imaginary part of a complex tensor, which it owns. */
  partsOf({ dataId, shape }: TensorInfo): { real: TensorInfo; imag: TensorInfo } {
    const { real, imag } = this.data.get(dataId).complexTensorInfos as NonNullable<
      DataRecord['complexTensorInfos']
    >;
    // Reshaping a complex tensor leaves its parts as they were.
    return { real: { ...real, shape }, imag: { ...imag, shape } };
  }

  /**
   * Whether a kernel may write its result into this input, whose contract says that it is donated:
   * memory of this engine's own, seen by one tensor only.
   */
  mayOverwrite(info: { dataId: object }): boolean {
    const { refCount, block } = this.data.get(info.dataId);
    return refCount === 1 && block !== null && block.holders === 1 && !block.escaped;
  }

  override write(values: Values, _shape: number[], dtype: DataType): object {
    return this.data.add(this.recordOf(values, dtype, 1));
  }

  override move(
    dataId: object,
    values: Values,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.data.set(dataId, this.recordOf(values, dtype, refCount));
  }

  makeTensorInfo(shape: number[], dtype: DataType, values?: Values): TensorInfo {
    const encoded =
      dtype === 'string' && Array.isArray(values) && util.isString(values[0] as string)
        ? (values as string[]).map((text) => util.encodeString(text))
        : values;
    return { dataId: this.write(encoded, shape, dtype), shape, dtype };
  }

  makeOutput<T extends Tensor>(values: Values, shape: number[], dtype: DataType): T {
    return engine().makeTensorFromTensorInfo(this.makeTensorInfo(shape, dtype, values), this) as T;
  }

  override refCount(dataId: object): number {
    return this.data.peek(dataId)?.refCount ?? 0;
  }

  override incRef(dataId: object): void {
    this.data.get(dataId).refCount++;
  }

  decRef(dataId: object): void {
    const record = this.data.peek(dataId);
    if (record !== undefined) record.refCount--;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  /** A copy, made before this returns: the tensor may be disposed while the caller awaits. */
  override read(dataId: object): Promise<backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override readSync(dataId: object): backend_util.BackendValues {
    const { dtype, complexTensorInfos, values } = this.data.get(dataId);
    if (dtype === 'complex64' && complexTensorInfos !== undefined) {
      return backend_util.mergeRealAndImagArrays(
        this.values(complexTensorInfos.real) as Float32Array,
        this.values(complexTensorInfos.imag) as Float32Array,
      );
    }
    return (values as NumericArray).slice();
  }

  // Nothing reads tensors of this engine on a GPU; tfjs asks through `data({...})` of other engines.
  override readToGPU(_dataId: object, _options?: DataToGPUOptions): never {
    throw new Error('The CPU engine holds no GPU memory. Read the tensor with data().');
  }

  /** The elements as tfjs's JavaScript kernels want them: numbers in place, strings decoded. */
  bufferSync<R extends Rank, D extends DataType>(t: TensorInfo): TensorBuffer<R, D> {
    const { values } = this.data.get(t.dataId);
    const decoded =
      t.dtype === 'string'
        ? (values as Uint8Array[]).map((bytes) => util.decodeString(bytes))
        : t.dtype === 'complex64'
          ? this.readSync(t.dataId)
          : values;
    return buffer(t.shape as never, t.dtype, decoded as never) as unknown as TensorBuffer<R, D>;
  }

  override disposeData(dataId: object, force: boolean = false): boolean {
    const record = this.data.peek(dataId);
    if (record === undefined) return true;
    record.refCount--;
    if (record.refCount > 0 && !force) return false;
    if (record.complexTensorInfos !== undefined) {
      this.disposeData(record.complexTensorInfos.real.dataId);
      this.disposeData(record.complexTensorInfos.imag.dataId);
    }
    this.data.delete(dataId);
    if (record.block !== null) this.pool?.give(record.block);
    return true;
  }

  disposeIntermediateTensorInfo(info: TensorInfo): void {
    this.disposeData(info.dataId);
  }

  override time(f: () => void): Promise<{ kernelMs: number }> {
    const start = util.now();
    f();
    return Promise.resolve({ kernelMs: util.now() - start });
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  where(condition: Tensor): Tensor {
    return kernel_impls.whereImpl(condition.shape, this.values(condition));
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {
    this.pool?.clear();
  }

  private recordOf(values: Values, dtype: DataType, refCount: number): DataRecord {
    if (values === undefined || dtype === 'string' || dtype === 'complex64') {
      return { values: values as Uint8Array[] | undefined, dtype, refCount, block: null };
    }
    const typed = ofDtype(values as NumericArray | number[], dtype);
    this.pool?.escape(typed);
    return { values: typed, dtype, refCount, block: null };
  }
}

/**
 * The values in the array type of their dtype. JavaScript kernels are careless about it (OneHot of
 * int32 makes a Float32Array), native ones cannot be.
 */
function ofDtype(values: NumericArray | number[] | ArrayBuffer, dtype: DataType): NumericArray {
  if (dtype === 'float32') {
    return values instanceof Float32Array ? values : new Float32Array(values);
  }
  if (dtype === 'int32') return values instanceof Int32Array ? values : new Int32Array(values);
  return values instanceof Uint8Array ? values : new Uint8Array(values);
}
