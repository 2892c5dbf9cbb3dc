/** What a model's entry says of it. */
import { ConfigError, createModel, listModels, type ModelEntry } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertThat } from '../compare.js';
import { assertNoLeak, assertThrowsCleanly } from '../flat-memory.js';
import { free, make } from './model-under-test.js';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export function modelEntryChecks(id: string, entry: ModelEntry): Check[] {
  return [
    {
      name: 'has an id in kebab-case, a task, a paper and an example',
      run() {
        assertThat(
          KEBAB.test(id),
          `A model's id is in kebab-case, for example 'lenet5'. Received: '${id}'.`,
        );
        assertThat(entry.task.trim() !== '', 'The task is empty.');
        assertThat(
          /\d{4}/.test(entry.paper),
          `The paper is named by authors, title and year. Received: '${entry.paper}'.`,
        );
        const { shape } = entry.exampleInput(entry.options);
        assertEqual('An example is a batch of 2; its first size is wrong', shape[0], 2);
        const listed = listModels().find((m) => m.id === id);
        assertEqual('The task that listModels() gives is wrong', listed?.task, entry.task);
      },
    },
    {
      name: 'has default options that survive JSON',
      run() {
        const copy = JSON.parse(JSON.stringify(entry.options)) as unknown;
        assertEqual('The options are not plain JSON', copy, entry.options);
        for (const [name, value] of Object.entries(entry.options)) {
          assertThat(
            typeof value !== 'number' || Number.isFinite(value),
            `The option '${name}' is ${String(value)}, which JSON cannot hold.`,
          );
        }
      },
    },
    {
      name: 'has as many trainable values as parameterCount says',
      async run() {
        await assertNoLeak('Making and freeing the model', () => {
          const model = make(id, {});
          let count = 0;
          for (const [, p] of model.namedParameters()) if (p.trainable) count += p.size;
          free(model);
          assertEqual('The number of trainable values is wrong', count, entry.parameterCount);
        });
      },
    },
    {
      name: 'names every state once, parameters among them',
      run() {
        const model = make(id, {});
        const names = [...model.namedStates()].map(([name]) => name);
        assertEqual('Names of states occur twice', [...new Set(names)], names);
        const states = new Set([...model.namedStates()].map(([, state]) => state));
        for (const [name, p] of model.namedParameters()) {
          assertThat(states.has(p), `The parameter '${name}' is not among the states.`);
        }
        free(model);
      },
    },
    {
      name: 'refuses an unknown option and offers the nearest',
      run() {
        const known = Object.keys(entry.options)[0];
        const wrong = known === undefined ? 'anything' : `${known}x`;
        const error = assertThrowsCleanly('An unknown option', () =>
          createModel(id, { [wrong]: 1 }),
        );
        assertThat(
          error instanceof ConfigError,
          `It must throw a ConfigError. Received: ${error.name}.`,
        );
        assertThat(
          known === undefined || error.message.includes(`'${known}'`),
          `The message offers '${known}'. Received: ${error.message}`,
        );
      },
    },
  ];
}
