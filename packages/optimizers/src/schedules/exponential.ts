import { checkNumber, checkOptions, type Schedule } from './schedule.js';

export interface ExponentialOptions {
  /** The rate at step 0. */
  readonly initial: number;
  /** What the rate is multiplied by at each step, in [0, 1]. */
  readonly gamma: number;
}

/**
 * initial · gamma^step, as `torch.optim.lr_scheduler.ExponentialLR`.
 *
 * @throws ConfigError for numbers out of range or an unknown option.
 */
export function exponential(options: ExponentialOptions): Schedule {
  checkOptions('exponential', options, ['initial', 'gamma']);
  const { initial, gamma } = options;
  checkNumber('exponential', 'initial', initial, 0);
  checkNumber('exponential', 'gamma', gamma, 0, 1);
  return (at) => initial * gamma ** at;
}
