/** The words of progress. */
import type { EpochRecord } from '../history.js';

/** 'loss 0.1234, accuracy 0.9712' */
export function valuesText(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${numberText(value)}`)
    .join(', ');
}

/** Four significant digits at least, without an exponent where it reads well. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0) return String(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(3);
  return size < 10 ? value.toFixed(4) : value.toPrecision(6);
}

/** '12,345 samples/s' */
export function rateText(samplesPerSecond: number): string {
  if (!Number.isFinite(samplesPerSecond)) return '– samples/s';
  const digits = samplesPerSecond < 10 ? 1 : 0;
  return `${samplesPerSecond.toLocaleString('en-US', { maximumFractionDigits: digits })} samples/s`;
}

/** '8 s', '2 min 05 s', '3 h 07 min' */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}

/** The line that stays when an epoch is done. */
export function epochText(record: EpochRecord, epochs: number): string {
  const { epoch, loss, metrics, validation, samplesPerSecond, seconds } = record;
  const parts = [
    valuesText({ loss, ...metrics }),
    ...(validation ? [`validation ${valuesText(validation)}`] : []),
    rateText(samplesPerSecond),
    durationText(seconds),
  ];
  return `Epoch ${epoch}/${epochs} · ${parts.join(' · ')}`;
}

/**
 * Seconds that the remaining steps take at the rate of this epoch's.
 *
 * @param batches in an epoch.
 */
export function secondsLeft(
  done: { epoch: number; batch: number; seconds: number },
  epochs: number,
  batches: number,
): number {
  const left = (epochs - done.epoch) * batches + (batches - done.batch);
  return (done.seconds / done.batch) * left;
}
