/** Checks of what the layers of attention are built with and given. */
import {
  assertTensor,
  type AttentionOptions,
  ConfigError,
  describeValue,
  nearest,
  ShapeError,
  type Tensor,
} from '@stratajs/core';

/** What queries may look at: as in `scaledDotProductAttention`, over scores of [N, heads, L, S]. */
export type AttentionMasks = Pick<AttentionOptions, 'mask' | 'causal' | 'lengths'>;

/** Refuses options that `layer` does not know, naming the nearest that it does. */
export function checkOptions(layer: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(
      `The options of ${layer} are an object. Received: ${describeValue(options)}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new ConfigError(`Unknown option of ${layer}. Received: '${key}'.${nearest(key, known)}`);
  }
}

export function checkCount(layer: string, what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ConfigError(
    `${what} of ${layer} is a whole number of at least 1. Received: ${describeValue(value)}.`,
  );
}

/** A live float32 tensor [N, time, features]. */
export function checkSequence(
  layer: string,
  what: string,
  x: Tensor,
  features: number,
  batch?: number,
): void {
  assertTensor(x, `The ${what} of ${layer}`);
  const fits = x.shape.length === 3 && x.shape[2] === features && x.dtype === 'float32';
  if (fits && (batch === undefined || x.shape[0] === batch)) return;
  throw new ShapeError(
    `The ${what} of ${layer} is float32 [${batch ?? 'N'}, time, ${features}], batches first. Received: ${describeValue(x)}. ` +
      'Give one sequence as a batch of one: expandDims(x, 0).',
  );
}
