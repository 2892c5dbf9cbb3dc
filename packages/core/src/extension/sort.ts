import { noGrad } from '../autodiff/tape.js';
import { run, runMany } from '../engine.js';
import { axisIndex, checkNumeric, checkTensor } from '../ops/arguments.js';
import { scatterAlongLast } from '../ops/gradients/indexing.js';
import { transpose } from '../ops/shape.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import type { ExtensionKernel } from './kernel.js';
import { sortingNetwork } from './sorting-network.js';

const NAME = 'StrataSort';

export interface SortOptions {
  /** The greatest first. Default false. */
  readonly descending?: boolean;
}

/**
 * The elements along an axis (default the last) in ascending order.
 *
 * NaN counts as greater than every number, and 0 as −0, as PyTorch has it; equal elements keep their order, in
 * descending order, too. The gradient goes back to where the elements came from. topK() gives some of
 * the greatest, argsort() says where they were.
 *
 * @param x float32 or int32, of at least one axis.
 * @returns a tensor of the shape and dtype of x.
 * @throws ShapeError for another dtype, ConfigError for an axis that x has not.
 */
export function sort(x: Tensor, axis: number = -1, options: SortOptions = {}): Tensor {
  const at = checked('sort', x, axis);
  if (x.size === 0) return run('Identity', { x });
  return alongLast(x, at, (rows) => {
    const [values, indices] = sorted(rows, options);
    indices.dispose();
    return values;
  });
}

/**
 * Where the elements of `sort()` come from: indices along the axis (default the last), so that the first is
 * that of the least. No gradient flows through them.
 *
 * @param x float32 or int32, of at least one axis.
 * @returns int32, of the shape of x.
 * @throws ShapeError for another dtype, ConfigError for an axis that x has not.
 */
export function argsort(x: Tensor, axis: number = -1, options: SortOptions = {}): Tensor {
  const at = checked('argsort', x, axis);
  if (x.size === 0) return run('Fill', {}, { shape: [...x.shape], value: 0, dtype: 'int32' });
  return noGrad(() =>
    alongLast(x, at, (rows) => {
      const [values, indices] = sorted(rows, options);
      values.dispose();
      return indices;
    }),
  );
}

function checked(op: string, x: Tensor, axis: number): number {
  checkTensor(x, op);
  checkNumeric(x, op, false);
  return axisIndex(axis, x.shape.length, op);
}

/** `f` of x with axis `at` made the last, put back. */
function alongLast(x: Tensor, at: number, f: (rows: Tensor) => Tensor): Tensor {
  const last = x.shape.length - 1;
  if (at === last) return f(x);
  const swap = x.shape.map((_, d) => (d === at ? last : d === last ? at : d));
  return tidy(() => transpose(f(transpose(x, swap)), swap));
}

function sorted(x: Tensor, { descending = false }: SortOptions): [values: Tensor, indices: Tensor] {
  return runMany(NAME, { x }, { descending }) as [Tensor, Tensor];
}

export const sortKernel: ExtensionKernel = {
  name: NAME,
  composite: ({ x }, { descending }) => sortingNetwork(x!, descending as boolean),
  gradient: {
    saved: ['x'],
    savedOutputs: [false, true],
    of: ([dy], saved) => {
      const [x, indices] = saved as [Tensor, Tensor];
      return { x: () => scatterAlongLast(dy!, x, indices) };
    },
  },
};
