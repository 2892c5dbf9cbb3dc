/** A model of the family under test, and what is fed to it. */
import {
  createModel,
  type ModelEntry,
  type ModelOptions,
  type ModuleLike,
  Rng,
  softmaxCrossEntropy,
  mean,
  square,
  sub,
  tensor,
  type Tensor,
  add,
  isTensor,
} from '@stratajs/core';
import { assertThat } from '../compare.js';
import { hostRandom } from '../host-random.js';

export interface FamilyCheckOptions {
  /**
   * Options to run a model with instead of its defaults, by id: a smaller input makes a large model's
   * checks quicker. Its parameters are still counted with the defaults.
   */
  readonly modelOptions?: Readonly<Record<string, ModelOptions>>;
  /** Adam steps in which a fixed batch of two must be learnt better. Default 12. */
  readonly steps?: number;
  /** Their learning rate. Default 1e-3. */
  readonly learningRate?: number;
  /**
   * The loss of a model's output, a float32 scalar. Default: for the task 'classification' the cross
   * entropy with two labels, else the squared distance to fixed numbers.
   */
  readonly loss?: (output: unknown, id: string) => Tensor;
}

/** A model that is made for one check, with the number of its seed. */
export function make(id: string, options: ModelOptions, seed = 1): ModuleLike {
  return createModel(id, options, { rng: new Rng(seed) });
}

/** Frees all that a model holds. */
export function free(model: ModuleLike): void {
  for (const [, state] of model.namedStates()) state.dispose();
}

/** The example input of an entry, filled with fixed numbers. */
export function exampleTensor(entry: ModelEntry, options: ModelOptions): Tensor {
  const { shape, dtype, below } = entry.exampleInput({ ...entry.options, ...options });
  const random = hostRandom(3);
  const size = shape.reduce((a, b) => a * b, 1);
  if (dtype === 'float32') {
    return tensor(
      Float32Array.from({ length: size }, () => 2 * random() - 1),
      shape,
    );
  }
  assertThat(below !== undefined, 'An example input of int32 says below which number it lies.');
  return tensor(
    Int32Array.from({ length: size }, () => Math.floor(random() * below)),
    shape,
    'int32',
  );
}

export function forward(model: ModuleLike, x: Tensor): unknown {
  return (model as ModuleLike & { forward(x: Tensor): unknown }).forward(x);
}

/** Every tensor of an output: a tensor, or arrays and plain objects of them. */
export function tensorsOf(output: unknown): Tensor[] {
  if (isTensor(output)) return [output];
  if (typeof output !== 'object' || output === null) return [];
  return Object.values(output).flatMap(tensorsOf);
}

/** The loss that the learning checks bring down. */
export function lossOf(
  output: unknown,
  id: string,
  entry: ModelEntry,
  { loss }: FamilyCheckOptions,
): Tensor {
  if (loss) return loss(output, id);
  const outputs = tensorsOf(output).filter((t) => t.dtype === 'float32');
  if (entry.task === 'classification') {
    const logits = outputs[0]!;
    // Two labels that differ where there are two classes.
    const labels = Array.from(
      { length: logits.shape[0]! },
      (_, i) => (i * 7 + 1) % logits.shape[1]!,
    );
    return mean(softmaxCrossEntropy(logits, tensor(labels, [labels.length], 'int32')));
  }
  const random = hostRandom(5);
  return outputs
    .map((t) => {
      const target = Float32Array.from({ length: t.size }, () => 2 * random() - 1);
      return mean(square(sub(t, tensor(target, t.shape))));
    })
    .reduce((a, b) => add(a, b));
}
