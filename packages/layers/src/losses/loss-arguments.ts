import { assertTensor, describeValue, ShapeError, type Tensor } from '@stratajs/core';

/** Two live float32 tensors of one shape: losses never broadcast. */
export function checkPair(loss: string, prediction: Tensor, target: Tensor): void {
  assertTensor(prediction, `The prediction of ${loss}()`);
  assertTensor(target, `The target of ${loss}()`);
  const same = String(prediction.shape) === String(target.shape);
  if (!same || prediction.dtype !== 'float32' || target.dtype !== 'float32') {
    throw new ShapeError(
      `${loss}() expects prediction and target as float32 tensors of one shape. ` +
        `Received: ${describeValue(prediction)} and ${describeValue(target)}. ` +
        (same ? 'Convert with cast(x, "float32").' : 'Reshape one of them; nothing is broadcast.'),
    );
  }
}

/** Scores or log-probabilities [N, C] in float32, and int32 labels [N]. */
export function checkLabelled(loss: string, scores: Tensor, labels: Tensor): void {
  assertTensor(scores, `The first argument of ${loss}()`);
  assertTensor(labels, `The labels of ${loss}()`);
  const [n, classes] = scores.shape;
  const good =
    scores.shape.length === 2 &&
    classes! > 0 &&
    scores.dtype === 'float32' &&
    labels.shape.length === 1 &&
    labels.shape[0] === n &&
    labels.dtype === 'int32';
  if (good) return;
  throw new ShapeError(
    `${loss}() expects float32 [N, C] and int32 labels [N]. ` +
      `Received: ${describeValue(scores)} and ${describeValue(labels)}. ` +
      (labels.shape.length === 2
        ? 'Turn one-hot targets into labels with argMax().'
        : 'Reshape or cast them.'),
  );
}
