/** What metrics compare: the shapes of outputs and targets, checked before any kernel runs. */
import { describeValue, isTensor, ShapeError, type Tensor } from '@stratajs/core';

/** Throws unless output is float32 [N, classes] and target int32 [N]. */
export function checkClassification(metric: string, output: Tensor, target: Tensor): void {
  const fits =
    isTensor(output) &&
    isTensor(target) &&
    output.dtype === 'float32' &&
    output.rank === 2 &&
    target.dtype === 'int32' &&
    target.rank === 1 &&
    output.shape[0] === target.shape[0];
  if (fits) return;
  throw new ShapeError(
    `${metric} compares outputs float32 [N, classes] with class indices int32 [N]. ` +
      `Received: ${describeValue(output)} and ${describeValue(target)}. ` +
      'Give the model one output for each class, and labels as indices (argMax() of one-hot rows).',
  );
}

/** Throws unless output and target are numbers of one shape. */
export function checkSameShape(metric: string, output: Tensor, target: Tensor): void {
  const fits =
    isTensor(output) &&
    isTensor(target) &&
    output.dtype === 'float32' &&
    target.dtype !== 'string' &&
    output.rank === target.rank &&
    output.shape.every((d, i) => d === target.shape[i]);
  if (fits) return;
  // Broadcasting [N, 1] against [N] would average over N² pairs and look plausible.
  throw new ShapeError(
    `${metric} compares outputs and targets of one shape. Received: ${describeValue(output)} and ` +
      `${describeValue(target)}. reshape() one of them.`,
  );
}
