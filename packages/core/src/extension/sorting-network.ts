/**
 * Sorting by kernels that every engine has: Batcher's bitonic network ("Sorting networks and their
 * applications", 1968). Rows are filled up to a power of two; then pairs of elements are compared and
 * exchanged, all pairs of a stage at once, in ½·log₂n·(log₂n + 1) stages.
 */
import { engine, run } from '../engine.js';
import { sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { fill, reshape } from './composite.js';

/** Elements, where they stood, and in which group they are: groups come one after the other, the last fills up. */
type Keyed = readonly [values: Tensor, places: Tensor, groups: Tensor];

/** The last axis of x in order, NaN above every number, equals as they come; and where its elements stood. */
export function sortingNetwork(x: Tensor, descending: boolean): [values: Tensor, indices: Tensor] {
  const n = x.shape.at(-1)!;
  const rows = sizeOf(x.shape.slice(0, -1));
  let width = 1;
  while (width < n) width *= 2;
  let keyed = start(x, rows, n, width, descending);
  for (let block = 2; block <= width; block *= 2) {
    keyed = stage(keyed, block, descending, true);
    for (let half = block / 2; half >= 2; half /= 2) keyed = stage(keyed, half, descending, false);
  }
  const [values, indices] = [keyed[0], keyed[1]].map((t) => {
    const kept = run('Slice', { x: reshape(t, [rows, width]) }, { begin: [0, 0], size: [rows, n] });
    return reshape(kept, x.shape);
  });
  return [values!, indices!];
}

function start(x: Tensor, rows: number, n: number, width: number, descending: boolean): Keyed {
  const attrs = {
    paddings: [
      [0, 0],
      [0, width - n],
    ],
    constantValue: 0,
  };
  const filled = (t: Tensor, constantValue: number): Tensor =>
    n === width ? t : run('PadV2', { x: t }, { ...attrs, constantValue });
  const flat = reshape(x, [rows, n]);
  const places = engine().makeTensor(
    Int32Array.from({ length: rows * width }, (_, i) => i % width),
    [rows, width],
    'int32',
  );
  const nan =
    x.dtype === 'float32'
      ? run('Cast', { x: run('IsNan', { x: flat }) }, { dtype: 'int32' })
      : fill([rows, n], 0, 'int32');
  const groups = descending ? run('Sub', { a: fill([], 1, 'int32'), b: nan }) : nan;
  return [filled(flat, 0), places, filled(groups, 2)];
}

/**
 * Compares the halves of blocks, the second one from its end where the blocks are to become sorted runs
 * (`mirrored`), and puts of each pair the one first that comes first.
 */
function stage(keyed: Keyed, block: number, descending: boolean, mirrored: boolean): Keyed {
  const next = engine().tidy(() => {
    const blocks = keyed[0].size / block;
    const shape = [blocks, block / 2];
    const half = (t: Tensor, which: 0 | 1): Tensor => {
      const x = reshape(t, [blocks, block]);
      const begin = [0, (which * block) / 2];
      const part = run('Slice', { x }, { begin, size: shape });
      return which === 1 && mirrored ? run('Reverse', { x: part }, { dims: [1] }) : part;
    };
    const [a, b] = [keyed.map((t) => half(t, 0)), keyed.map((t) => half(t, 1))] as [
      Tensor[],
      Tensor[],
    ];
    const inOrder = comesFirst(a, b, descending);
    return keyed.map((_, i) => {
      const first = run('Select', { condition: inOrder, t: a[i]!, e: b[i]! });
      const second = run('Select', { condition: inOrder, t: b[i]!, e: a[i]! });
      const turned = mirrored ? run('Reverse', { x: second }, { dims: [1] }) : second;
      return run('Concat', [first, turned] as never, { axis: 1 });
    });
  }) as unknown as Keyed;
  for (const t of keyed) t.dispose();
  return next;
}

/** By groups, then by values, then by places. */
function comesFirst(a: readonly Tensor[], b: readonly Tensor[], descending: boolean): Tensor {
  const [valueA, placeA, groupA] = a as unknown as Keyed;
  const [valueB, placeB, groupB] = b as unknown as Keyed;
  const and = (a: Tensor, b: Tensor): Tensor => run('LogicalAnd', { a, b });
  const or = (a: Tensor, b: Tensor): Tensor => run('LogicalOr', { a, b });
  const before = descending ? 'Greater' : 'Less';
  const ahead = run(before, { a: valueA, b: valueB });
  const behind = run(before, { a: valueB, b: valueA });
  // Neither: they are equal, or both are NaN.
  const tied = run('LogicalNot', { x: or(ahead, behind) });
  const byValue = or(ahead, and(tied, run('Less', { a: placeA, b: placeB })));
  const together = run('Equal', { a: groupA, b: groupB });
  return or(run('Less', { a: groupA, b: groupB }), and(together, byValue));
}
