import { describe, expect, it } from 'vitest';
import { CheckpointError, ConfigError, ShapeError, StrataError } from './errors.js';

describe('errors', () => {
  it('carry their name, message and cause', () => {
    const cause = new Error('below');
    const error = new ShapeError('rule', { cause });
    expect(error.name).toBe('ShapeError');
    expect(error.message).toBe('rule');
    expect(error.cause).toBe(cause);
    expect(String(error)).toBe('ShapeError: rule');
  });

  it('are instances of their own class, of StrataError and of Error, and of no sibling', () => {
    const error = new ShapeError('x');
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toBeInstanceOf(StrataError);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ConfigError);
    expect(new StrataError('x')).not.toBeInstanceOf(ShapeError);
  });

  it('are recognised across copies of the package, by their brand', () => {
    const stranger = Object.defineProperty(
      new Error('from another copy'),
      Symbol.for('strata.error'),
      {
        value: ['CheckpointError', 'StrataError'],
      },
    );
    expect(stranger).toBeInstanceOf(CheckpointError);
    expect(stranger).toBeInstanceOf(StrataError);
    expect(stranger).not.toBeInstanceOf(ConfigError);
  });

  it('may be subclassed by a user, whose class means only itself', () => {
    class Mine extends ConfigError {}
    const mine = new Mine('x');
    expect(mine).toBeInstanceOf(Mine);
    expect(mine).toBeInstanceOf(ConfigError);
    expect(new ConfigError('x')).not.toBeInstanceOf(Mine);
  });

  it.each([null, undefined, 1, 'ShapeError', {}, []])('%o is none', (value) => {
    expect(value instanceof StrataError).toBe(false);
  });
});
