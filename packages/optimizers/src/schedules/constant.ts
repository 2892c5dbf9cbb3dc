import { checkNumber, type Schedule } from './schedule.js';

/** The same rate at every step. @throws ConfigError unless it is a finite number of at least 0. */
export function constant(learningRate: number): Schedule {
  checkNumber('constant', 'learningRate', learningRate, 0);
  return () => learningRate;
}
