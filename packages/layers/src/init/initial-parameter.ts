import {
  ConfigError,
  describeValue,
  isTensor,
  Parameter,
  type ParameterOptions,
  type Shape,
  tidy,
} from '@stratajs/core';
import type { Initializer, InitializerContext } from './initializer.js';

/**
 * A Parameter with the value that `initializer` makes for `shape`.
 *
 * @throws ConfigError when that is no float32 tensor of the shape.
 */
export function initialParameter(
  initializer: Initializer,
  shape: Shape,
  context: InitializerContext,
  options: ParameterOptions,
): Parameter {
  return tidy(() => {
    const value = typeof initializer === 'function' ? initializer(shape, context) : undefined;
    if (!isTensor(value) || value.dtype !== 'float32' || String(value.shape) !== String(shape)) {
      throw new ConfigError(
        `An initializer is a function (shape, { rng, fanIn, fanOut }) that makes a float32 tensor of the shape. ` +
          `Expected: [${shape.join(', ')}]. Received: ${describeValue(value ?? initializer)}. ` +
          'Take one from init, for example init.heNormal.',
      );
    }
    return new Parameter(value, options);
  });
}
