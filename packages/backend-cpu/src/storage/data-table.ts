import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from './buffer-pool.js';

export type NumericArray = Float32Array | Int32Array | Uint8Array;

/** The elements behind a data id, and who holds them. */
export interface DataRecord {
  /** Absent for complex tensors, whose parts are records of their own. */
  values: NumericArray | Uint8Array[] | undefined;
  dtype: DataType;
  refCount: number;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** Where `values` lie, when this engine's pool made them. */
  readonly block: Block | null;
}

interface DataMover {
  moveData(backend: object, dataId: object): void;
}

/** What a tensor of this engine points at. */
export class DataId {
  /** Named for the engine: ids of other engines may come here too. */
  strataCpu: DataRecord | undefined;

  constructor(data: DataRecord) {
    this.strataCpu = data;
  }
}

/**
 * tfjs's `DataStorage` with each record on its data id: a WeakMap's lookups and the work it leaves to
 * the garbage collector cost more than small kernels do.
 */
export class DataTable {
  private readonly backend: object;
  private readonly mover: DataMover;
  private count = 0;

  constructor(backend: object, mover: DataMover) {
    this.backend = backend;
    this.mover = mover;
  }

  /** The record of a data id; data that another engine holds moves here first. */
  get(dataId: object): DataRecord {
    const found = (dataId as DataId).strataCpu;
    if (found !== undefined) return found;
    this.mover.moveData(this.backend, dataId);
    return (dataId as DataId).strataCpu as DataRecord;
  }

  /** The record, or undefined where this engine has none. */
  peek(dataId: object): DataRecord | undefined {
    return (dataId as DataId).strataCpu;
  }

  has(dataId: object): boolean {
    return (dataId as DataId).strataCpu !== undefined;
  }

  add(data: DataRecord): DataId {
    this.count++;
    return new DataId(data);
  }

  set(dataId: object, data: DataRecord): void {
    this.count++;
    (dataId as DataId).strataCpu = data;
  }

  delete(dataId: object): boolean {
    if (!this.has(dataId)) return false;
    this.count--;
    (dataId as DataId).strataCpu = undefined;
    return true;
  }

  numDataIds(): number {
    return this.count;
  }
}
