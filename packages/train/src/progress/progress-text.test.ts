import { expect, test } from 'vitest';
import { durationText, epochText, rateText, secondsLeft, valuesText } from './progress-text.js';

test('values read well at any size', () => {
  expect(valuesText({ loss: 0.12345, accuracy: 1 })).toBe('loss 0.1235, accuracy 1.0000');
  expect(valuesText({ a: 123.456, b: 2e-7, c: 1234567, d: 0, e: Number.NaN, f: -12.5 })).toBe(
    'a 123.456, b 2.000e-7, c 1.235e+6, d 0, e NaN, f -12.5000',
  );
});

test('rates and durations', () => {
  expect([0.25, 9.96, 1234.6, 61234].map(rateText)).toEqual([
    '0.3 samples/s',
    '10 samples/s',
    '1,235 samples/s',
    '61,234 samples/s',
  ]);
  expect(rateText(Number.NaN)).toBe('– samples/s');
  expect([0.4, 8, 59.6, 125, 3599.6, 11220].map(durationText)).toEqual([
    '0 s',
    '8 s',
    '1 min 00 s',
    '2 min 05 s',
    '1 h 00 min',
    '3 h 07 min',
  ]);
  expect(durationText(Infinity)).toBe('–');
});

test('time left: the steps that remain of all epochs, at the rate of this one', () => {
  // Half of the second of three epochs of 10 batches took 2 s: 15 batches at 0.4 s remain.
  expect(secondsLeft({ epoch: 2, batch: 5, seconds: 2 }, 3, 10)).toBe(6);
  expect(secondsLeft({ epoch: 3, batch: 10, seconds: 2 }, 3, 10)).toBe(0);
});

test('the line of an epoch', () => {
  const record = {
    epoch: 2,
    step: 20,
    loss: 0.5,
    metrics: { accuracy: 0.75 },
    learningRate: 0.1,
    seconds: 65,
    samplesPerSecond: 1500,
  };
  expect(epochText(record, 3)).toBe(
    'Epoch 2/3 · loss 0.5000, accuracy 0.7500 · 1,500 samples/s · 1 min 05 s',
  );
  expect(epochText({ ...record, validation: { loss: 1.25 } }, 3)).toBe(
    'Epoch 2/3 · loss 0.5000, accuracy 0.7500 · validation loss 1.2500 · 1,500 samples/s · 1 min 05 s',
  );
});
