import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.js';
import type { ModuleLike } from './module-like.js';
import { type ModelEntry, type ModelFamily, type ModelOptions, PLUGIN_SPEC } from './plugin.js';
import { Rng } from './random/index.js';
import { createModel, listModels, register } from './registry.js';

/** A stand-in for a module that remembers what made it. */
interface Made extends ModuleLike {
  readonly made: { options: ModelOptions; rng: Rng };
}

const entry = (task: string): ModelEntry => ({
  task,
  paper: 'Someone, 1999',
  options: { numClasses: 10, hidden: [4, 4], bias: true },
  create: (options, rng) => ({ made: { options, rng } }) as unknown as Made,
  exampleInput: () => ({ shape: [2, 3], dtype: 'float32' }),
  parameterCount: 42,
});

const family = (name: string, ...ids: string[]): ModelFamily => ({
  spec: PLUGIN_SPEC,
  kind: 'models',
  name,
  models: Object.fromEntries(
    ids.map((id) => [id, entry(id.startsWith('seg') ? 'segmentation' : 'classification')]),
  ),
});

describe('the registry of models', () => {
  it('says what to do before any family is registered', () => {
    expect(() => createModel('net')).toThrow(/No family is registered: call register/);
  });

  it('lists what is registered, sorted and filtered', () => {
    register(family('shapes', 'seg-net', 'net-one'));
    register(family('shapes', 'seg-net', 'net-one'));
    expect(listModels().map((m) => m.id)).toEqual(['net-one', 'seg-net']);
    expect(listModels({ task: 'segmentation' })).toEqual([
      {
        id: 'seg-net',
        family: 'shapes',
        task: 'segmentation',
        parameters: 42,
        paper: 'Someone, 1999',
      },
    ]);
  });

  it('completes options with defaults and hands on the generator', () => {
    const rng = new Rng(1);
    const { made } = createModel('net-one', { numClasses: 3 }, { rng }) as Made;
    expect(made.options).toEqual({ numClasses: 3, hidden: [4, 4], bias: true });
    expect(made.rng).toBe(rng);
  });

  it.each([
    [
      'an unknown id',
      () => createModel('net-on'),
      /Unknown model. Received: 'net-on'. Did you mean 'net-one'\?/,
    ],
    ['an id that objects inherit', () => createModel('toString'), /Unknown model/],
    [
      'an unknown option',
      () => createModel('net-one', { numClass: 3 }),
      /Received: 'numClass'. Did you mean 'numClasses'\?/,
    ],
    [
      'a value of the wrong type',
      () => createModel('net-one', { numClasses: '3' }),
      /'numClasses' of 'net-one' is a number. Received: '3'. Default: 10/,
    ],
    ['a number for a list', () => createModel('net-one', { hidden: 4 }), /list of numbers/],
    [
      'an id of another family',
      () => register(family('other', 'net-one')),
      /'net-one' of 'other', which 'shapes' has/,
    ],
    [
      'another interface version',
      () => register({ ...family('x', 'y'), spec: 'v0' as never }),
      /speaks interface 'v0'/,
    ],
    [
      'no family',
      () => register(undefined as never),
      /register\(\) takes plugins. Received: undefined/,
    ],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(ConfigError);
    expect(act).toThrow(message);
  });
});
