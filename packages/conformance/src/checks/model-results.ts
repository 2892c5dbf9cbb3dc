/** What a model computes: finite, of the right shape, equal for equal seeds, calm when evaluating. */
import { dispose, type ModelEntry, type ModuleLike, tidy } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, assertThat, numbers, take } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import {
  exampleTensor,
  type FamilyCheckOptions,
  forward,
  free,
  make,
  tensorsOf,
} from './model-under-test.js';

export function modelResults(
  id: string,
  entry: ModelEntry,
  { modelOptions = {} }: FamilyCheckOptions,
): Check[] {
  const options = modelOptions[id] ?? {};
  return [
    {
      name: 'gives finite results of a sensible shape, and leaks nothing',
      async run() {
        const x = exampleTensor(entry, options);
        await assertNoLeak('The model', async () => {
          const model = make(id, options);
          for (const mode of [model.train(), model.eval()]) {
            const outputs = tidy(() => tensorsOf(forward(mode, x)));
            assertThat(outputs.length > 0, 'forward() must give at least one tensor.');
            for (const y of outputs) {
              assertEqual('The first size of an output is the batch; it is wrong', y.shape[0], 2);
              checkClasses(entry, { ...entry.options, ...options }, y.shape);
              const values = Array.from(await take(y));
              assertThat(values.every(Number.isFinite), 'An output holds a NaN or an infinity.');
              assertThat(
                values.some((v) => v !== values[0]),
                'All values of an output are equal.',
              );
            }
          }
          await assertNoLeak('forward()', () => dispose(tidy(() => forward(model, x))));
          free(model);
        });
        x.dispose();
      },
    },
    {
      name: 'is the same for the same seed, another for another',
      async run() {
        const [first, same, other] = [
          make(id, options, 5),
          make(id, options, 5),
          make(id, options, 6),
        ];
        const [a, b, c] = [await states(first), await states(same), await states(other)];
        a.forEach((values, i) => assertIdentical(`State ${i} of an equal seed`, b[i]!, values));
        assertThat(
          a.some((values, i) => Array.from(values).some((v, j) => v !== c[i]![j])),
          'Another seed gives the same parameters: create() must draw them from its rng.',
        );
        const x = exampleTensor(entry, options);
        const outputs = [await outputsOf(first.eval(), x), await outputsOf(same.eval(), x)];
        outputs[0]!.forEach((y, i) =>
          assertIdentical(`Output ${i} of an equal seed`, outputs[1]![i]!, y),
        );
        x.dispose();
        [first, same, other].forEach(free);
      },
    },
    {
      name: 'toggles between training and evaluation, where it changes nothing and repeats itself',
      async run() {
        const model = make(id, options);
        assertEqual('A new model trains; training is wrong', model.training, true);
        assertThat(
          model.eval() === model && !model.training,
          'eval() gives the model, with training false.',
        );
        assertThat(
          model.train() === model && model.training,
          'train() gives the model, with training true.',
        );
        const x = exampleTensor(entry, options);
        model.eval();
        const before = await states(model);
        const first = await outputsOf(model, x);
        const second = await outputsOf(model, x);
        first.forEach((y, i) => assertIdentical(`Output ${i} of a second run`, second[i]!, y));
        (await states(model)).forEach((s, i) =>
          assertIdentical(`State ${i} after evaluation`, s, before[i]!),
        );
        x.dispose();
        free(model);
      },
    },
  ];
}

function checkClasses(
  entry: ModelEntry,
  options: Readonly<Record<string, unknown>>,
  shape: readonly number[],
): void {
  const classes = options['numClasses'];
  if (entry.task === 'classification' && typeof classes === 'number') {
    assertEqual('A classifier gives logits [batch, numClasses]; the shape is wrong', shape, [
      2,
      classes,
    ]);
  }
}

async function states(model: ModuleLike): Promise<ArrayLike<number>[]> {
  const values: ArrayLike<number>[] = [];
  for (const [, state] of model.namedStates()) values.push(await take(state.value));
  return values;
}

async function outputsOf(
  model: ModuleLike,
  x: ReturnType<typeof exampleTensor>,
): Promise<ArrayLike<number>[]> {
  const outputs = tidy(() => tensorsOf(forward(model, x)));
  const values: ArrayLike<number>[] = [];
  for (const y of outputs) values.push(await numbers(y));
  dispose(outputs);
  return values;
}
