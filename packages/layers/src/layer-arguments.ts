/** Checks of what layers are built with and given. All throw before any kernel runs. */
import {
  assertTensor,
  ConfigError,
  describeValue,
  nearest,
  ShapeError,
  type Tensor,
} from '@stratajs/core';

/** Refuses options that `layer` does not know, naming the nearest that it does. */
export function checkOptions(layer: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(
      `The options of ${layer} are an object. Received: ${describeValue(options)}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new ConfigError(
        `Unknown option of ${layer}. Received: '${key}'.${nearest(key, known)}`,
      );
    }
  }
}

/** A positive whole number, such as a number of channels. */
export function checkCount(layer: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new ConfigError(
      `${what} of ${layer} is a whole number of at least 1. Received: ${describeValue(value)}.`,
    );
  }
}

/** What is added to a variance. */
export function checkEpsilon(layer: string, epsilon: number): void {
  if (!(typeof epsilon === 'number' && epsilon > 0 && epsilon < Infinity)) {
    throw new ConfigError(
      `The epsilon of ${layer} is a positive number. Received: ${describeValue(epsilon)}.`,
    );
  }
}

/** One positive whole number for both axes, or [height, width]. */
export function sizePair(
  layer: string,
  what: string,
  value: number | readonly [number, number],
): [number, number] {
  const pair: readonly unknown[] = typeof value === 'number' ? [value, value] : value;
  if (
    !Array.isArray(pair) ||
    pair.length !== 2 ||
    !pair.every((v) => Number.isInteger(v) && v >= 1)
  ) {
    throw new ConfigError(
      `${what} of ${layer} is a whole number of at least 1, or a pair [height, width] of them. ` +
        `Received: ${typeof value === 'object' ? JSON.stringify(value) : describeValue(value)}.`,
    );
  }
  return pair as [number, number];
}

/** A live float32 tensor; of `features` on the last axis, where that is given. */
export function checkFeatures(x: Tensor, layer: string, features?: number): void {
  checkFloat(x, layer);
  if (features !== undefined && (x.shape.length < 1 || x.shape.at(-1) !== features)) {
    throw new ShapeError(
      `${layer} expects inputs [..., ${features}]: ${features} features on the last axis. ` +
        `Received: shape [${x.shape.join(', ')}]. ` +
        (x.shape.length > 2 ? 'Put a Flatten before it, or ' : 'Reshape the input, or ') +
        'build it for the number of features that comes.',
    );
  }
}

/** A live float32 tensor [N, height, width, channels]. */
export function checkImages(x: Tensor, layer: string, channels?: number): void {
  checkFloat(x, layer);
  const expected = `[N, height, width, ${channels ?? 'channels'}]`;
  if (x.shape.length !== 4) {
    throw new ShapeError(
      `${layer} expects images ${expected}, rank 4. Received: rank ${x.shape.length}, shape [${x.shape.join(', ')}]. ` +
        (x.shape.length === 3
          ? 'Add the batch or channel axis with expandDims().'
          : 'Reshape the input.'),
    );
  }
  if (channels !== undefined && x.shape[3] !== channels) {
    throw new ShapeError(
      `${layer} expects ${channels} channels on the last axis, images ${expected}. ` +
        `Received: ${x.shape[3]} channels, shape [${x.shape.join(', ')}]. ` +
        (x.shape[1] === channels
          ? 'Channels come first there: transpose(x, [0, 2, 3, 1]).'
          : 'Build it for the number of channels that comes.'),
    );
  }
}

function checkFloat(x: Tensor, layer: string): void {
  assertTensor(x, `The input of ${layer}`);
  if (x.dtype !== 'float32') {
    throw new ShapeError(
      `${layer} expects float32 values. Received: ${describeValue(x)}. Convert it with cast(x, 'float32').`,
    );
  }
}
