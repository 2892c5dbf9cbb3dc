/** Families with one fault each: the suite finds it, and finds nothing else. */
import {
  closeBackends,
  type ModelEntry,
  type ModelFamily,
  register,
  Rng,
  use,
} from '@stratajs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runChecks } from '../src/checks.js';
import { familyChecks } from '../src/checks/family-checks.js';
import { copiedCpu } from './copied-cpu.js';
import { toyFamily } from './toy-family.js';

beforeAll(async () => void (await use(copiedCpu())));
afterAll(closeBackends);

/** The checks that fail, by name. */
async function failures(family: ModelFamily): Promise<string[]> {
  register(family);
  const outcomes = await runChecks(familyChecks(family));
  return outcomes.filter(({ error }) => error).map(({ name }) => name);
}

const entry = 'toy has an id in kebab-case, a task, a paper and an example';
const results = 'toy gives finite results of a sensible shape, and leaks nothing';
const evaluation =
  'toy toggles between training and evaluation, where it changes nothing and repeats itself';
const learns = 'toy learns a batch in 12 steps of Adam, without a leak';
const downhill = 'toy goes downhill by a small step against the gradient';
const oneImage: ModelEntry['exampleInput'] = () => ({ shape: [1, 4], dtype: 'float32' });

it.each<[string, ModelFamily, string[]]>([
  ['nothing in a family without a fault', toyFamily(), []],
  [
    'a wrong parameter count',
    toyFamily({}, { parameterCount: 40 }),
    ['toy has as many trainable values as parameterCount says'],
  ],
  [
    'a parameter that nothing uses',
    toyFamily({ unused: true }, { parameterCount: 49 }),
    ['toy sends a gradient to every trainable parameter'],
  ],
  ['a gradient that points uphill', toyFamily({ climbs: true }), [learns, downhill]],
  [
    'a generator of its own',
    toyFamily({ ownRng: new Rng(9) }),
    ['toy is the same for the same seed, another for another'],
  ],
  ['dropout in evaluation', toyFamily({ alwaysDrops: true }), [evaluation, downhill]],
  ['statistics that move in evaluation', toyFamily({ alwaysCounts: true }), [evaluation]],
  [
    'a wrong number of classes',
    toyFamily({ wrongClasses: true }, { parameterCount: 54 }),
    [results],
  ],
  [
    'two states of one name',
    toyFamily({ doubleName: true }),
    ['toy names every state once, parameters among them'],
  ],
  [
    'options that JSON cannot hold',
    toyFamily({}, { options: { hidden: 6, numClasses: 3, scale: Infinity } }),
    ['toy has default options that survive JSON'],
  ],
  ['a paper without a year', toyFamily({}, { paper: 'Nobody: A toy' }), [entry]],
  ['an id in another case', toyFamily({}, {}, 'Toy'), [entry.replace('toy', 'Toy')]],
  [
    'an example that is no batch of two',
    toyFamily({}, { exampleInput: oneImage }),
    [entry, results],
  ],
])('describeModelFamily finds %s', async (_, family, expected) => {
  expect(await failures(family)).toEqual(expected);
});

it('describeModelFamily finds a leak', async () => {
  const found = await failures(toyFamily({ leaks: true }));
  expect(found).toContain(results);
  expect(found).toContain(learns);
});
