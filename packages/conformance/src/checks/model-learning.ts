/** That a model learns: gradients reach every parameter, and steps along them bring the loss down. */
import {
  adamUpdate,
  dispose,
  type ModelEntry,
  type ModuleLike,
  type NamedGradients,
  type Parameter,
  scalar,
  sgdUpdate,
  State,
  type Tensor,
  tidy,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertThat, numbers, take } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import {
  exampleTensor,
  type FamilyCheckOptions,
  forward,
  free,
  lossOf,
  make,
} from './model-under-test.js';

export function modelLearning(id: string, entry: ModelEntry, options: FamilyCheckOptions): Check[] {
  const { modelOptions = {}, steps = 12, learningRate = 1e-3 } = options;
  const chosen = modelOptions[id] ?? {};
  const gradients = (model: ModuleLike, x: Tensor): { value: Tensor; grads: NamedGradients } =>
    valueAndGrad(() => tidy(() => lossOf(forward(model, x), id, entry, options)), model)();
  return [
    {
      name: 'sends a gradient to every trainable parameter',
      async run() {
        const model = make(id, chosen).train();
        const x = exampleTensor(entry, chosen);
        const { value, grads } = gradients(model, x);
        value.dispose();
        const names = trainable(model).map(([name]) => name);
        assertEqual('The names of gradients are wrong', Object.keys(grads), names);
        for (const [name, g] of Object.entries(grads)) {
          const values = Array.from(await numbers(g));
          assertThat(
            values.every(Number.isFinite),
            `The gradient of '${name}' holds a NaN or an infinity.`,
          );
          assertThat(
            values.some((v) => v !== 0),
            `The gradient of '${name}' is zero everywhere: the output does not depend on it.`,
          );
        }
        dispose(grads);
        await assertNoLeak('A gradient', () => dispose(gradients(model, x)));
        x.dispose();
        free(model);
      },
    },
    {
      name: `learns a batch in ${steps} steps of Adam, without a leak`,
      async run() {
        const model = make(id, chosen).train();
        const x = exampleTensor(entry, chosen);
        const parameters = trainable(model).map(([, p]) => p);
        const slots = (): State[] => tidy(() => parameters.map((p) => new State(zeros(p.shape))));
        const [firstMoments, secondMoments] = [slots(), slots()];
        const step = tidy(() => new State(scalar(0, 'int32')));
        const rates = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        const oneStep = async (): Promise<number> => {
          const { value, grads } = gradients(model, x);
          const list = Object.values(grads);
          adamUpdate({ parameters, gradients: list, firstMoments, secondMoments, step, ...rates });
          dispose(grads);
          return (await take(value))[0]!;
        };
        const losses = [await oneStep()];
        await assertNoLeak(`${steps} steps`, async () => {
          for (let i = 0; i < steps; i++) losses.push(await oneStep());
        });
        assertThat(
          losses.every(Number.isFinite) && losses.at(-1)! < losses[0]!,
          `The loss must fall. Received: ${losses.map((l) => l.toPrecision(4)).join(', ')}.`,
        );
        dispose([firstMoments, secondMoments, step, x]);
        free(model);
      },
    },
    {
      name: 'goes downhill by a small step against the gradient',
      async run() {
        // In evaluation nothing is random: the loss before and after differ by the step alone.
        const model = make(id, chosen).eval();
        const x = exampleTensor(entry, chosen);
        const { value, grads } = gradients(model, x);
        const list = Object.values(grads);
        let norm = 0;
        for (const g of list) for (const v of Array.from(await numbers(g))) norm += v * v;
        // To first order the loss falls by rate · ‖g‖².
        const before = (await take(value))[0]!;
        const rate = (1e-2 * Math.max(Math.abs(before), 1e-3)) / norm;
        sgdUpdate({
          parameters: trainable(model).map(([, p]) => p),
          gradients: list,
          learningRate: rate,
        });
        const after = (await take(tidy(() => lossOf(forward(model, x), id, entry, options))))[0]!;
        const ratio = (before - after) / (rate * norm);
        assertThat(
          ratio > 0.5 && ratio < 1.5,
          `The loss must fall by about ${rate * norm}. Received: ${before} before, ${after} after.`,
        );
        dispose([grads, x]);
        free(model);
      },
    },
  ];
}

function trainable(model: ModuleLike): (readonly [string, Parameter])[] {
  return [...model.namedParameters()].filter(([, p]) => p.trainable);
}
