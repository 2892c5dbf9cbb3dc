import { checkNumber, checkOptions, checkSteps, type Schedule } from './schedule.js';

export interface StepOptions {
  /** The rate at step 0. */
  readonly initial: number;
  /** Steps between two falls. */
  readonly stepSize: number;
  /** What the rate is multiplied by at each fall, in [0, 1]. Default 0.1. */
  readonly gamma?: number;
}

/**
 * initial · gamma^⌊step / stepSize⌋, as `torch.optim.lr_scheduler.StepLR`.
 *
 * @throws ConfigError for numbers out of range or an unknown option.
 */
export function step(options: StepOptions): Schedule {
  checkOptions('step', options, ['initial', 'stepSize', 'gamma']);
  const { initial, stepSize, gamma = 0.1 } = options;
  checkNumber('step', 'initial', initial, 0);
  checkSteps('step', 'stepSize', stepSize);
  checkNumber('step', 'gamma', gamma, 0, 1);
  return (at) => initial * gamma ** Math.floor(at / stepSize);
}
