// Training steps that are compiled, for tests of threads and workers.
import {
  adamUpdate,
  add,
  compile,
  conv2d,
  dropout,
  flatten,
  linear,
  maxPool2d,
  mean,
  relu,
  Rng,
  scalar,
  softmaxCrossEntropy,
  State,
  type Tensor,
  tidy,
  valueAndGrad,
  zeros,
} from '@stratajs/core';

const SHAPES = [[3, 3, 2, 16], [16], [10, 8 * 8 * 16], [10]] as const;

/** The loss of each of four steps with Adam on a convnet with dropout, and its parameters after them. */
export async function trained(isCompiled: boolean): Promise<Float32Array[]> {
  const rng = new Rng(21);
  const state = (make: () => Tensor): State => tidy(() => new State(make()));
  const parameters = SHAPES.map((shape) => state(() => rng.normal(shape, { std: 0.1 })));
  const [firstMoments, secondMoments] = [0, 1].map(() =>
    SHAPES.map((shape) => state(() => zeros([...shape]))),
  ) as [State[], State[]];
  const step = state(() => scalar(0, 'int32'));
  const lossOf =
    (x: Tensor, labels: Tensor) =>
    (...weights: Tensor[]) => {
      const [filter, b, weight, c] = weights as [Tensor, Tensor, Tensor, Tensor];
      const y = relu(add(conv2d(x, filter, { padding: 'same' }), b));
      const pooled = dropout(flatten(maxPool2d(y, { kernelSize: 2 }), 1), 0.25, { rng });
      return mean(softmaxCrossEntropy(linear(pooled, weight, c), labels));
    };
  const train = (x: Tensor, labels: Tensor): Tensor => {
    const { value, grads } = valueAndGrad(lossOf(x, labels))(...parameters.map((p) => p.value));
    adamUpdate({
      parameters,
      gradients: grads,
      firstMoments,
      secondMoments,
      step,
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    return value;
  };
  const compiled = compile(train);
  const losses: Tensor[] = [];
  for (let i = 0; i < 4; i++) {
    const [x, labels] = [rng.normal([8, 16, 16, 2]), rng.integers([8], { max: 10 })];
    losses.push(isCompiled ? compiled(x, labels) : tidy(() => train(x, labels)));
    for (const t of [x, labels]) t.dispose();
  }
  const results = [...losses, ...parameters.map((p) => p.value)];
  const values = await Promise.all(results.map(async (t) => (await t.data()) as Float32Array));
  compiled.dispose();
  for (const t of [...results, ...parameters, ...firstMoments, ...secondMoments, step]) t.dispose();
  return values;
}
