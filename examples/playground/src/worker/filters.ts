import type { Filters } from '../protocol.js';

/** As many as are looked at with pleasure. */
const MOST = 24;

/**
 * The weights of a first layer as square tiles: rows of a Linear layer [outputs, height·width], or what a convolution
 * [height, width, channels, outputs] weighs the first channel with.
 */
export function filtersOf(values: Float32Array, shape: readonly number[]): Filters {
  if (shape.length === 2) {
    const [outputs, inputs] = shape as [number, number];
    const tiles = Array.from({ length: Math.min(outputs, MOST) }, (_, o) =>
      values.slice(o * inputs, (o + 1) * inputs),
    );
    return { size: Math.round(Math.sqrt(inputs)), tiles };
  }
  const [height, width, channels, outputs] = shape as [number, number, number, number];
  const tiles = Array.from({ length: Math.min(outputs, MOST) }, (_, o) =>
    Float32Array.from(
      { length: height * width },
      (_, place) => values[place * channels * outputs + o]!,
    ),
  );
  return { size: height, tiles };
}
