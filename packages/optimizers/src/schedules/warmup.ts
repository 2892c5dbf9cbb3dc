import { ConfigError, describeValue } from '@stratajs/core';
import { checkOptions, checkSteps, type Schedule } from './schedule.js';

export interface WarmupOptions {
  /** Steps in which the rate rises. */
  readonly steps: number;
  /** The schedule after them, from its own step 0. */
  readonly after: Schedule;
}

/**
 * A straight line up to the first rate of `after`: after(0)·(step + 1)/(steps + 1) for the first `steps` steps,
 * after which `after` begins at its own step 0.
 *
 *     warmup({ steps: 500, after: cosine({ initial: 0.1, totalSteps: 9500 }) })
 *
 * @throws ConfigError for a number out of range or an unknown option.
 *
 * Paper: Goyal et al., "Accurate, large minibatch SGD", 2017.
 */
export function warmup(options: WarmupOptions): Schedule {
  checkOptions('warmup', options, ['steps', 'after']);
  const { steps, after } = options;
  checkSteps('warmup', 'steps', steps);
  if (typeof after !== 'function') {
    throw new ConfigError(
      `The after of warmup() is a schedule, for example schedules.constant(0.1). Received: ${describeValue(after)}.`,
    );
  }
  return (at) => (at < steps ? (after(0) * (at + 1)) / (steps + 1) : after(at - steps));
}
