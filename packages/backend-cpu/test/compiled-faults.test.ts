// Errors in the middle of a compiled program. Other tiers do not check labels, and are replayed as core's own tests are.
import {
  add,
  assign,
  closeBackends,
  compile,
  ConfigError,
  memory,
  recordedAt,
  Rng,
  sgdUpdate,
  softmaxCrossEntropy,
  State,
  sum,
  type Tensor,
  tensor,
  tidy,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';

const held = async (state: State): Promise<number[]> =>
  Array.from((await State.heldBy(state).data()) as Float32Array);

describe.runIf(addon).each((addon?.supported() ?? []) as Isa[])('on %s', (isa) => {
  beforeAll(async () => {
    await closeBackends();
    await use(cpu({ tier: 'native', isa }));
  });
  afterAll(() => closeBackends());

  it('a label that is no class leaves States and generators, and says which layer it met', async () => {
    const [w, calls] = tidy(() => [new State(tensor([[1, 2, 3]])), new State(tensor([0]))]);
    const rng = new Rng(7);
    const lossOf = (labels: Tensor) => (weight: Tensor) => {
      const logits = add(weight, rng.uniform([1, 3]));
      return sum(
        recordedAt(
          () => "Layer: 'loss' (CrossEntropy) of Model.",
          () => softmaxCrossEntropy(logits, labels),
        ),
      );
    };
    const step = compile((labels: Tensor) => {
      assign(calls!, add(calls!.value, 1));
      const { value, grads } = valueAndGrad(lossOf(labels))(w!.value);
      sgdUpdate({ parameters: [w!], gradients: [grads[0]!], learningRate: 0.1 });
      return value;
    });
    const [good, bad] = [tensor([2], [1], 'int32'), tensor([3], [1], 'int32')];
    step(good).dispose();
    const before = [await held(w!), await held(calls!), rng.state()];
    const tensors = memory().numTensors;
    for (let call = 0; call < 2; call++) {
      expect(() => step(bad)).toThrow(ConfigError);
      expect(() => step(bad)).toThrow("Layer: 'loss' (CrossEntropy) of Model.");
      expect([await held(w!), await held(calls!), rng.state()]).toEqual(before);
      expect(memory().numTensors).toBe(tensors);
    }
    step(good).dispose();
    expect(await held(calls!)).toEqual([2]);
    step.dispose();
    for (const t of [w!, calls!, good, bad]) t.dispose();
  });
});
