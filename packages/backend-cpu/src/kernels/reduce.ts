/** Sums, means, products and extremes along any axes. */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { NativeKernels } from '../native.js';
import { isNumeric, type KernelSet, type MakeKernel, type Runtime, share } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
}

interface Attributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

type Dtype = 'float32' | 'int32' | 'bool';

/** One after the other: how many neighbours along axes that are kept, along axes that are reduced, … */
interface Run {
  readonly reduced: boolean;
  readonly size: number;
}

/**
 * A reduction of the dtypes that `dtypes` maps to the dtype of their result, of bool by the kernel
 * `ofTruth`. Reduced axes that are not neighbours are reduced in turn, the innermost first.
 */
function reduction(
  ofNumbers: keyof NativeKernels,
  dtypes: Readonly<Partial<Record<string, Dtype>>>,
  ofTruth: keyof NativeKernels = ofNumbers,
): MakeKernel<Inputs, Attributes> {
  return (runtime) =>
    ({ x }, { axis, reductionIndices, keepDims }) => {
      const dtype = dtypes[x.dtype];
      if (dtype === undefined) return undefined;
      const axes = util.parseAxisParam((axis ?? reductionIndices) as number | number[], x.shape);
      const runs: Run[] = [];
      const shape: number[] = [];
      for (let d = 0; d < x.shape.length; d++) {
        const size = x.shape[d] as number;
        if (size === 0) return undefined;
        const reduced = axes.includes(d);
        if (!reduced) shape.push(size);
        else if (keepDims) shape.push(1);
        if (size === 1) continue;
        const last = runs.at(-1);
        if (last?.reduced === reduced) {
          runs[runs.length - 1] = { reduced, size: last.size * size };
        } else {
          runs.push({ reduced, size });
        }
      }
      const name = x.dtype === 'bool' ? ofTruth : ofNumbers;
      const result = reduceRuns(runtime, name, x, dtype, runs);
      return { dataId: result.dataId, shape, dtype };
    };
}

function reduceRuns(
  runtime: Runtime,
  name: keyof NativeKernels,
  x: TensorInfo,
  dtype: Dtype,
  runs: readonly Run[],
): TensorInfo {
  const { native, backend } = runtime;
  let from = x;
  let left = runs;
  let at = left.findLastIndex((run) => run.reduced);
  // Axes of length 1 change nothing, but a sum of truth values is a number.
  if (at < 0 && dtype === x.dtype) return share(runtime, x);
  for (;;) {
    const before = product(left.slice(0, Math.max(at, 0)));
    const after = at < 0 ? product(left) : product(left.slice(at + 1));
    const y = backend.allocate(x.shape, dtype, before * after);
    const count = at < 0 ? 1 : (left[at] as Run).size;
    native[name](backend.values(from), backend.values(y), before, count, after);
    if (from !== x) backend.disposeIntermediateTensorInfo(from);
    from = y;
    left = left.filter((_, i) => i !== at);
    at = left.findLastIndex((run) => run.reduced);
    if (at < 0) return y;
  }
}

function product(runs: readonly Run[]): number {
  let size = 1;
  for (const run of runs) size *= run.size;
  return size;
}

/** The position along one axis. */
function argExtreme(name: 'argMax' | 'argMin'): MakeKernel<Inputs, { readonly axis: number }> {
  return ({ native, backend }) =>
    ({ x }, { axis }) => {
      const [at] = util.parseAxisParam(axis, x.shape);
      if (!isNumeric(x.dtype) || at === undefined || x.shape.includes(0)) return undefined;
      const outer = x.shape.slice(0, at).reduce((n, size) => n * size, 1);
      const inner = x.shape.slice(at + 1).reduce((n, size) => n * size, 1);
      const shape = x.shape.filter((_, d) => d !== at);
      const y = backend.allocate(shape, 'int32', outer * inner);
      const count = x.shape[at] as number;
      native[name](backend.values(x), backend.values(y), outer, count, inner);
      return y;
    };
}

const SAME = { float32: 'float32', int32: 'int32', bool: 'bool' } as const;

export const reduceKernels: KernelSet = {
  Sum: reduction('sum', { float32: 'float32', int32: 'int32', bool: 'int32' }),
  Mean: reduction('mean', { float32: 'float32', int32: 'float32', bool: 'float32' }),
  Prod: reduction('product', { float32: 'float32', int32: 'int32', bool: 'int32' }),
  Max: reduction('max', SAME, 'any'),
  Min: reduction('min', SAME, 'all'),
  All: reduction('all', { bool: 'bool' }),
  Any: reduction('any', { bool: 'bool' }),
  ArgMax: argExtreme('argMax'),
  ArgMin: argExtreme('argMin'),
};
