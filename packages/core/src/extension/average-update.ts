import { describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { checkTensor, sameShape, shapeText, sizeOf } from '../ops/arguments.js';
import { Scalar, scalarValue } from '../state/scalar.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { minus, plus, reshape, times } from './composite.js';
import type { ExtensionKernel } from './kernel.js';
import { runUpdate } from './update.js';

const NAME = 'StrataAverageUpdate';

export interface AverageUpdate {
  /** float32. */
  readonly averages: readonly State[];
  /** One for each average, of its shape. */
  readonly values: readonly Tensor[];
  /** Of the newest value, in [0, 1]. */
  readonly weight: number | Scalar;
  /** What each value is multiplied by first. Default: 1 each. */
  readonly scales?: readonly number[];
}

/**
 * Moves exponential moving averages on, all at once and in place:
 *
 *     a ← a + weight·(scale·x − a)
 *
 * An element whose new value would not be finite stays as it is. A tensor read from a State before keeps its elements.
 *
 * @throws ShapeError or ConfigError before anything changes.
 */
export function averageUpdate({ averages, values, weight, scales }: AverageUpdate): void {
  if (averages.length === 0 || values.length !== averages.length) {
    throw new ConfigError(
      `averageUpdate() takes at least one average, and as many values. Received: ${averages.length} averages, ` +
        `${values.length} values.`,
    );
  }
  if (new Set(averages).size !== averages.length) {
    throw new ConfigError('averageUpdate() moves each State once. Received: one State twice.');
  }
  averages.forEach((average, i) => {
    if (!(average instanceof State)) {
      throw new ConfigError(
        `averageUpdate() moves States. Received: averages[${i}] is ${describe(average)}.`,
      );
    }
    const value = values[i];
    checkTensor(value, 'averageUpdate', `values[${i}]`);
    if (
      average.dtype === 'float32' &&
      value.dtype === 'float32' &&
      sameShape(value.shape, average.shape)
    )
      return;
    throw new ShapeError(
      `averageUpdate() takes float32 averages, and values of their shapes. Received: averages[${i}] is ` +
        `${average.dtype} ${shapeText(average.shape)}, values[${i}] is ${describe(value)}.`,
    );
  });
  const share = weight instanceof Scalar ? Scalar.peek(weight) : weight;
  if (!(typeof share === 'number' && share >= 0 && share <= 1)) {
    throw new ConfigError(
      `The weight of averageUpdate() lies in [0, 1]. Received: ${describe(share)}.`,
    );
  }
  const factors = scales ?? averages.map(() => 1);
  if (factors.length !== averages.length || !factors.every(Number.isFinite)) {
    throw new ConfigError(
      `The scales of averageUpdate() are ${averages.length} finite numbers. Received: ${describe(scales)}.`,
    );
  }
  runUpdate(
    NAME,
    averages.map((average, i) => [`a${i}`, average] as const),
    Object.fromEntries(values.map((value, i) => [`x${i}`, value])),
    { count: averages.length, weight, scales: factors },
  );
}

export const averageUpdateKernel: ExtensionKernel = {
  name: NAME,
  composite: (inputs, attrs) => {
    const weight = scalarValue(attrs['weight'] as number | Scalar);
    return (attrs['scales'] as readonly number[]).map((scale, i) => {
      const average = inputs[`a${i}`]!;
      const flat = [sizeOf(average.shape)];
      const moved = plus(average, times(minus(times(inputs[`x${i}`]!, scale), average), weight));
      if (flat[0] === 0) return moved;
      // Select wants one axis on some engines.
      const t = reshape(moved, flat);
      const chosen = run('Select', {
        condition: run('IsFinite', { x: t }),
        t,
        e: reshape(average, flat),
      });
      return reshape(chosen, average.shape);
    });
  },
};
