import { Scalar, sgdUpdate, State, sum, type Tensor, tidy, valueAndGrad } from '@stratajs/core';
import { drawInputs, type Training, type TrainingInput } from './training.js';

/**
 * A loss that brings a prediction down along its gradient: the prediction is a State, the target differs in each step, and the
 * learning rate falls. A step gives the loss and the gradient.
 *
 * @param loss of any shape; its elements are added up.
 * @param prediction bounds and shape of what is predicted at first.
 */
export function lossTraining(
  loss: (prediction: Tensor, target: Tensor) => Tensor,
  prediction: TrainingInput,
  target: TrainingInput,
): Training {
  return () => {
    const predicted = tidy(() => new State(drawInputs([prediction], 3)[0]!));
    const learningRate = new Scalar(0.1);
    return {
      step(t: Tensor) {
        const value = loss(predicted.value, t);
        const { grads } = valueAndGrad((p: Tensor) => sum(loss(p, t)))(predicted.value);
        sgdUpdate({ parameters: [predicted], gradients: grads, learningRate });
        return { value, grads };
      },
      args: (n) => drawInputs([target], 11 + n),
      before: (n) => void (learningRate.value = 0.1 / (n + 1)),
      states: new Map([['prediction', predicted]]),
      programs: 1,
      steps: 4,
      dispose: () => predicted.dispose(),
    };
  };
}
