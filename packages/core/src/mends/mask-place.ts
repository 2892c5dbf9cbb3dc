/** Where the element of an attention mask lies that belongs to a score. */
export interface MaskPlace {
  /** The four axes before the last two; those that are not there are 1. */
  readonly axes: readonly number[];
  /** Elements from one to the next along each of them: 0 where the mask is broadcast. */
  readonly strides: readonly number[];
  /** The same from row to row. */
  readonly rowStride: number;
}

const MOST_AXES = 4;

export function maskPlace(mask: readonly number[], batch: readonly number[]): MaskPlace | null {
  if (batch.length > MOST_AXES) return null;
  const ones = (count: number): number[] => Array<number>(count).fill(1);
  const axes = [...ones(MOST_AXES - batch.length), ...batch];
  const shape = [...ones(MOST_AXES + 2 - mask.length), ...mask];
  const strideOf = (axis: number): number =>
    shape[axis] === 1 ? 0 : shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return {
    axes,
    strides: axes.map((_, axis) => strideOf(axis)),
    rowStride: strideOf(MOST_AXES),
  };
}
