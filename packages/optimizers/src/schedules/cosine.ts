import { checkNumber, checkOptions, checkSteps, type Schedule } from './schedule.js';

export interface CosineOptions {
  /** The rate at step 0. */
  readonly initial: number;
  /** Steps until the rate is at its minimum, where it stays. */
  readonly totalSteps: number;
  /** Default 0. */
  readonly minimum?: number;
}

/**
 * Half a cosine from `initial` at step 0 to `minimum` at totalSteps, as
 * `torch.optim.lr_scheduler.CosineAnnealingLR`, which would rise again after it.
 *
 * @throws ConfigError for numbers out of range or an unknown option.
 *
 * Paper: Loshchilov & Hutter, "SGDR", ICLR 2017, without its restarts.
 */
export function cosine(options: CosineOptions): Schedule {
  checkOptions('cosine', options, ['initial', 'totalSteps', 'minimum']);
  const { initial, totalSteps, minimum = 0 } = options;
  checkNumber('cosine', 'initial', initial, 0);
  checkSteps('cosine', 'totalSteps', totalSteps);
  checkNumber('cosine', 'minimum', minimum, 0, initial);
  return (at) => {
    const part = Math.min(at / totalSteps, 1);
    return minimum + ((initial - minimum) / 2) * (1 + Math.cos(Math.PI * part));
  };
}
