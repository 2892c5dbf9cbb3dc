import type { TensorInfo } from '@tensorflow/tfjs-core';
import { broadcast } from './broadcast.js';
import { isNumeric, type KernelSet, type MakeKernel, sameShape } from './kernel.js';

interface Inputs {
  readonly condition: TensorInfo;
  readonly t: TensorInfo;
  readonly e: TensorInfo;
}

/** condition ? t : e, broadcast. */
const select: MakeKernel<Inputs> =
  ({ native, backend }) =>
  ({ condition, t, e }) => {
    const { dtype } = t;
    if (condition.dtype !== 'bool' || e.dtype !== dtype || !isNumeric(dtype)) return undefined;
    const conditions = backend.values(condition);
    const [chosen, other] = [backend.values(t), backend.values(e)];
    const conditionShape = alongAxes(condition.shape, t.shape);
    if (sameShape(conditionShape, t.shape) && sameShape(e.shape, t.shape)) {
      const y = backend.allocate(t.shape, dtype, chosen.length);
      native.select(conditions, chosen, other, backend.values(y), chosen.length);
      return y;
    }
    const spread = broadcast(conditionShape, t.shape, e.shape);
    if (spread === null) return undefined;
    const y = backend.allocate(spread.shape, dtype, spread.size);
    native.select(conditions, chosen, other, backend.values(y), spread.size, spread.plan);
    return y;
  };

/**
 * The condition's shape as NumPy would have it. tfjs means a vector to have one truth value for each
 * row of t, also where NumPy would lay it along the last axis.
 */
function alongAxes(condition: readonly number[], t: readonly number[]): readonly number[] {
  const rows = condition.length === 1 && t.length > 1 && condition[0] === t[0];
  return rows ? [...condition, ...t.slice(1).fill(1)] : condition;
}

export const selectKernels: KernelSet = { Select: select };
