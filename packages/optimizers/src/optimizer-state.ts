import { CheckpointError, describeValue } from '@stratajs/core';
import type { OptimizerState } from './optimizer.js';

/** Throws unless `saved` is what an optimizer of the kind and settings of `own` would give, its learning rate apart. */
export function checkState(own: OptimizerState, saved: OptimizerState): void {
  if (typeof saved !== 'object' || saved === null || saved.type !== own.type) {
    const received =
      typeof saved === 'object' && saved !== null
        ? `of type ${describeValue(saved.type)}`
        : describeValue(saved);
    throw new CheckpointError(
      `The saved state is of another optimizer. Expected: of type '${own.type}'. Received: ${received}. ` +
        'Resume with the optimizer that the run was started with.',
    );
  }
  const { learningRate } = saved;
  if (typeof learningRate !== 'number' || !(learningRate >= 0 && learningRate < Infinity)) {
    throw new CheckpointError(
      `The saved state of ${own.type} holds a learning rate, a finite number of at least 0. Received: ${describeValue(learningRate)}.`,
    );
  }
  const differing = Object.keys(own).filter(
    (key) => key !== 'learningRate' && saved[key] !== own[key],
  );
  if (differing.length > 0) {
    throw new CheckpointError(
      `A run is resumed with the settings it was started with. Received, for ${own.type}: ` +
        differing
          .map(
            (key) =>
              `${key} ${describeValue(own[key])} now, ${describeValue(saved[key])} when saved`,
          )
          .join('; ') +
        '. Give the optimizer the saved settings.',
    );
  }
}
