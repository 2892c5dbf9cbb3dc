import { ConfigError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { declaredGaps, judge } from '../src/expected-failures.js';

const error = new Error('wrong');

describe('declaredGaps', () => {
  it('names checks in full or by a pattern', () => {
    const gaps = declaredGaps({ 'einsum *': 'no kernel.', 'value of a.b': 'inexact.' });
    expect(gaps.reason('einsum two operands')).toBe('no kernel.');
    expect(gaps.reason('value of a.b')).toBe('inexact.');
    expect(gaps.reason('value of a-b')).toBeNull();
    expect(gaps.reason('an einsum of two')).toBeNull();
  });

  it('lists names that no check has', () => {
    const gaps = declaredGaps({ one: 'reason.', 'two*': 'reason.' });
    gaps.reason('one');
    expect(gaps.unmatched()).toEqual(['two*']);
  });

  it('refuses a gap without a reason', () => {
    expect(() => declaredGaps({ one: ' ' })).toThrow(ConfigError);
  });
});

describe('judge', () => {
  it('lets pass what passes and is no gap, and what fails and is one', () => {
    expect(() => judge('a', null, null)).not.toThrow();
    expect(() => judge('a', error, 'known.')).not.toThrow();
  });

  it('throws for what fails and is no gap, and for a gap that passes', () => {
    expect(() => judge('a', error, null)).toThrow('wrong');
    expect(() => judge('a', null, 'known.')).toThrow(
      "'a' passes, but is declared as a gap: known.",
    );
  });
});
