import { recording } from '../compile/recording.js';
import { ConfigError } from '../errors.js';

/**
 * A number that is read anew before every run: a learning rate, a temperature, a position in a
 * schedule. A recorded program reads it each time; a plain number in its place would be a constant.
 *
 * Arithmetic reads it too (`2 * rate`), which takes the value of that moment: a program that is recorded around such a
 * read holds as long as the value stays.
 */
export class Scalar {
  #value: number;

  constructor(value: number) {
    this.#value = checked(value);
  }

  get value(): number {
    recording()?.readScalar(this, this.#value);
    return this.#value;
  }

  set value(value: number) {
    this.#value = checked(value);
  }

  valueOf(): number {
    return this.value;
  }

  /** @internal The value, of which a recording need not know. */
  static peek(scalar: Scalar): number {
    return scalar.#value;
  }
}

/** The number behind a kernel attribute that may be a Scalar. */
export function scalarValue(value: number | Scalar): number {
  return typeof value === 'number' ? value : value.value;
}

function checked(value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new ConfigError(`A Scalar holds a number that is not NaN. Received: ${String(value)}.`);
  }
  return value;
}
