import { checkNumber, checkOptions, checkSteps, type Schedule } from './schedule.js';

export interface OneCycleOptions {
  /** The peak. */
  readonly maxLearningRate: number;
  /** Steps of the whole run: batches times epochs. */
  readonly totalSteps: number;
  /** Part of the steps in which the rate rises, in [0, 1]. Default 0.3. */
  readonly pctStart?: number;
  /** The first rate is maxLearningRate / divFactor. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
}

/**
 * From maxLearningRate/divFactor up to the peak, then down to almost nothing, both along half a cosine.
 * With T steps, the peak is at step pctStart·T − 1. Beyond the last step the last rate stays.
 *
 * The same numbers as `torch.optim.lr_scheduler.OneCycleLR`.
 *
 * @throws ConfigError for numbers out of range or an unknown option.
 *
 * Paper: Smith & Topin, "Super-convergence", 2018.
 * Differs from the paper: cosines where it has lines, and momentum is left alone.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions('oneCycle', options, [
    'maxLearningRate',
    'totalSteps',
    'pctStart',
    'divFactor',
    'finalDivFactor',
  ]);
  const {
    maxLearningRate,
    totalSteps,
    pctStart = 0.3,
    divFactor = 25,
    finalDivFactor = 1e4,
  } = options;
  checkNumber('oneCycle', 'maxLearningRate', maxLearningRate, 0);
  checkSteps('oneCycle', 'totalSteps', totalSteps);
  checkNumber('oneCycle', 'pctStart', pctStart, 0, 1);
  checkNumber('oneCycle', 'divFactor', divFactor, Number.MIN_VALUE);
  checkNumber('oneCycle', 'finalDivFactor', finalDivFactor, Number.MIN_VALUE);
  const first = maxLearningRate / divFactor;
  const last = first / finalDivFactor;
  const peak = pctStart * totalSteps - 1;
  const end = totalSteps - 1;
  return (step) => {
    if (step >= end) return peak >= end ? maxLearningRate : last;
    if (step <= peak) return alongCosine(first, maxLearningRate, peak === 0 ? 1 : step / peak);
    return alongCosine(maxLearningRate, last, (step - peak) / (end - peak));
  };
}

/** From `from` at part 0 to `to` at part 1. */
function alongCosine(from: number, to: number, part: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part));
}
