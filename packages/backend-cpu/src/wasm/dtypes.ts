/**
 * The dtypes that tfjs's WASM kernels compute. Given others, some print a line and leave their result as
 * it was; others take every element for a float of four bytes, and so write past the end of a bool tensor.
 */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelArguments } from './kernel.js';

interface Inputs {
  /** Of all inputs that `fixed` does not name: one of these, the same for each. */
  readonly values: readonly DataType[];
  /** Indices and conditions. */
  readonly fixed?: Readonly<Record<string, DataType>>;
}

const floats: Inputs = { values: ['float32'] };
const integers: Inputs = { values: ['int32'] };
const bools: Inputs = { values: ['bool'] };
const numbers: Inputs = { values: ['float32', 'int32'] };
const all: Inputs = { values: ['float32', 'int32', 'bool'] };

const segments: Inputs = { ...numbers, fixed: { indices: 'int32', segmentIds: 'int32' } };
const counts: Inputs = { ...numbers, fixed: { x: 'int32' } };

/** What is not listed computes float32 only; of int32 it may still compute what float32 can hold. */
const inputsOf: Readonly<Record<string, Inputs>> = {
  Add: numbers,
  AddN: numbers,
  All: bools,
  Any: bools,
  ArgMax: all,
  ArgMin: all,
  BatchToSpaceND: all,
  Bincount: counts,
  BitwiseAnd: integers,
  BroadcastArgs: integers,
  Concat: all,
  CropAndResize: { ...floats, fixed: { boxInd: 'int32' } },
  Cumsum: numbers,
  DenseBincount: counts,
  Diag: all,
  Equal: all,
  GatherNd: { ...all, fixed: { indices: 'int32' } },
  GatherV2: { ...all, fixed: { indices: 'int32' } },
  Greater: all,
  GreaterEqual: all,
  Less: all,
  LessEqual: all,
  LogicalAnd: bools,
  LogicalNot: bools,
  LogicalOr: bools,
  Max: all,
  Min: all,
  MirrorPad: all,
  Multiply: numbers,
  NotEqual: all,
  OneHot: integers,
  OnesLike: all,
  Pack: all,
  PadV2: all,
  Reverse: numbers,
  Round: numbers,
  ScatterNd: { ...numbers, fixed: { indices: 'int32' } },
  SearchSorted: numbers,
  Select: { ...numbers, fixed: { condition: 'bool' } },
  SpaceToBatchND: all,
  SparseFillEmptyRows: { ...numbers, fixed: { indices: 'int32', denseShape: 'int32' } },
  SparseReshape: integers,
  SparseSegmentMean: segments,
  SparseSegmentSum: segments,
  SparseToDense: { ...all, fixed: { sparseIndices: 'int32' } },
  Step: numbers,
  Sub: numbers,
  TensorScatterUpdate: { ...all, fixed: { indices: 'int32' } },
  Tile: all,
  TopK: numbers,
  Transpose: all,
  Unique: all,
  ZerosLike: all,
};

/** Whether tfjs's WASM kernel `name` computes inputs of these dtypes. */
export function takesDtypes(name: string, inputs: KernelArguments['inputs']): boolean {
  const { values, fixed } = inputsOf[name] ?? floats;
  let shared: DataType | undefined;
  for (const [input, x] of Object.entries(inputs) as [string, TensorInfo | null | undefined][]) {
    if (!x) continue;
    const of = fixed?.[input];
    if (of === undefined) {
      shared ??= x.dtype;
      if (x.dtype !== shared || !values.includes(x.dtype)) return false;
    } else if (x.dtype !== of) return false;
  }
  return true;
}
