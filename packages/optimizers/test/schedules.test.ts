import { ConfigError } from '@stratajs/core';
import { describe, expect, test } from 'vitest';
import { schedules, type Schedule } from '../src/index.js';
import { readGolden } from './golden-values.js';

interface Case {
  readonly name: 'oneCycle' | 'step' | 'exponential' | 'cosine';
  readonly options: object;
  readonly rates: readonly number[];
}

const byName = { ...schedules } as unknown as Readonly<Record<string, (o: object) => Schedule>>;

describe('the rates are those of PyTorch', () => {
  test.each(readGolden<Case[]>('schedules'))('$name $options', ({ name, options, rates }) => {
    const schedule = byName[name]!(options);
    rates.forEach((rate, i) => {
      expect(Math.abs(schedule(i) / rate - 1)).toBeLessThan(1e-12);
    });
  });
});

test('oneCycle begins, peaks and ends where it says, and stays there', () => {
  const s = schedules.oneCycle({ maxLearningRate: 4e-3, totalSteps: 1000 });
  expect(s(0)).toBeCloseTo(4e-3 / 25, 15);
  expect(s(299)).toBe(4e-3);
  expect(s(999)).toBe(4e-3 / 25 / 1e4);
  expect(s(5000)).toBe(s(999));
  expect(Math.max(...Array.from({ length: 1000 }, (_, i) => s(i)))).toBe(4e-3);
});

test('oneCycle of few steps is finite everywhere', () => {
  for (const totalSteps of [1, 2, 3, 4, 10]) {
    for (const pctStart of [0, 0.1, 0.25, 0.3, 0.5, 1]) {
      const s = schedules.oneCycle({ maxLearningRate: 1, totalSteps, pctStart });
      for (let i = 0; i < totalSteps + 2; i++) {
        expect(s(i)).toBeGreaterThan(0);
        expect(s(i)).toBeLessThanOrEqual(1);
      }
    }
  }
});

test('constant, and cosine beyond its end', () => {
  expect(schedules.constant(0.3)(12345)).toBe(0.3);
  const s = schedules.cosine({ initial: 1, totalSteps: 10 });
  expect([s(0), s(10), s(11), s(20)]).toEqual([1, 0, 0, 0]);
});

test('warmup rises in a line, then begins the other', () => {
  const s = schedules.warmup({
    steps: 4,
    after: schedules.step({ initial: 1, stepSize: 2, gamma: 0.5 }),
  });
  const rates = Array.from({ length: 9 }, (_, i) => s(i));
  const expected = [0.2, 0.4, 0.6, 0.8, 1, 1, 0.5, 0.5, 0.25];
  rates.forEach((r, i) => expect(r).toBeCloseTo(expected[i]!, 15));
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a misspelt option',
    () => schedules.oneCycle({ maxLearningRate: 1, totalStep: 3 } as never),
    /'totalSteps'/,
  ],
  ['no options', () => schedules.oneCycle(undefined as never), /takes an object of options/],
  [
    'half a step',
    () => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 1.5 }),
    /whole number/,
  ],
  [
    'a negative peak',
    () => schedules.oneCycle({ maxLearningRate: -1, totalSteps: 3 }),
    /maxLearningRate of oneCycle/,
  ],
  [
    'more than all steps',
    () => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 3, pctStart: 2 }),
    /in \[0, 1\]/,
  ],
  [
    'a factor of 0',
    () => schedules.oneCycle({ maxLearningRate: 1, totalSteps: 3, divFactor: 0 }),
    /divFactor/,
  ],
  ['NaN', () => schedules.constant(NaN), /learningRate of constant\(\)/],
  ['growth', () => schedules.exponential({ initial: 1, gamma: 1.1 }), /gamma of exponential\(\)/],
  [
    'a minimum above',
    () => schedules.cosine({ initial: 1, totalSteps: 2, minimum: 2 }),
    /minimum of cosine\(\)/,
  ],
  ['no steps', () => schedules.step({ initial: 1, stepSize: 0 }), /stepSize of step\(\)/],
  [
    'a number after',
    () => schedules.warmup({ steps: 2, after: 3 as never }),
    /after of warmup\(\)/,
  ],
])('refused: %s', (_, create, message) => {
  expect(create).toThrow(ConfigError);
  expect(create).toThrow(message);
});
