/**
 * The errors of Strata. Each message says the rule, the value received and the remedy.
 *
 * Package copies may differ (two versions of core in one program), so `instanceof` is answered by a
 * brand under `Symbol.for`, not by identity of the class.
 */
const brand = Symbol.for('strata.error');

type ErrorName =
  | 'StrataError'
  | 'ShapeError'
  | 'ConfigError'
  | 'DataError'
  | 'CheckpointError'
  | 'CompileError'
  | 'BackendError';

/** The base of every error that Strata throws on purpose. */
export class StrataError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.errorName;
    Object.defineProperty(this, brand, { value: lineage(new.target), enumerable: false });
  }

  static readonly errorName: ErrorName = 'StrataError';

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const names = (value as { [brand]?: readonly string[] })[brand];
    // A user's own subclass has no errorName of its own: ordinary identity decides for it.
    if (!Object.hasOwn(this, 'errorName'))
      return Function.prototype[Symbol.hasInstance].call(this, value);
    return names?.includes(this.errorName) ?? false;
  }
}

/** A tensor has the wrong shape, rank, dtype or number of elements for what is asked of it. */
export class ShapeError extends StrataError {
  static override readonly errorName: ErrorName = 'ShapeError';
}

/** An option, name or argument lies outside what is allowed. */
export class ConfigError extends StrataError {
  static override readonly errorName: ErrorName = 'ConfigError';
}

/** A data set or data file is missing, truncated or corrupt. */
export class DataError extends StrataError {
  static override readonly errorName: ErrorName = 'DataError';
}

/** A checkpoint is missing, truncated, corrupt, or does not fit the model. */
export class CheckpointError extends StrataError {
  static override readonly errorName: ErrorName = 'CheckpointError';
}

/** A function cannot be recorded as a program. */
export class CompileError extends StrataError {
  static override readonly errorName: ErrorName = 'CompileError';
}

/** An engine cannot run, cannot run this, or failed while running. */
export class BackendError extends StrataError {
  static override readonly errorName: ErrorName = 'BackendError';
}

/** Adds a sentence to the message of an error of Strata's, and to the copy of it in its stack; other errors stay as they are. */
export function addToMessage(error: unknown, sentence: string): void {
  if (!(error instanceof StrataError)) return;
  const message = `${error.message} ${sentence}`;
  if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => message);
  error.message = message;
}

function lineage(type: typeof StrataError): readonly string[] {
  const names: string[] = [];
  for (let t = type; t?.errorName !== undefined; t = Object.getPrototypeOf(t))
    names.push(t.errorName);
  return names;
}
