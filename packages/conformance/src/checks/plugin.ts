/** The plugin itself: what it says of itself, and that it closes and opens again. */
import {
  activeBackend,
  type BackendPlugin,
  closeBackends,
  sum,
  tensor,
  tidy,
  use,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, assertThat, take } from '../compare.js';

export function pluginFacts(plugin: BackendPlugin): Check[] {
  return [
    {
      name: 'probe() says null where it runs',
      run: async () => assertEqual('probe() is wrong', await plugin.probe(), null),
    },
    {
      name: 'describe() names tier and device',
      run() {
        const info = activeBackend()!.info;
        assertThat(
          typeof info.tier === 'string' && info.tier !== '',
          `The tier is a word. Received: ${String(info.tier)}.`,
        );
        assertThat(
          typeof info.description === 'string' && info.description !== '',
          `The description is for a person. Received: ${String(info.description)}.`,
        );
        assertThat(
          info.whyNotHigher === null || typeof info.whyNotHigher === 'string',
          `whyNotHigher is a reason or null. Received: ${String(info.whyNotHigher)}.`,
        );
        assertEqual('describe() must be plain JSON', JSON.parse(JSON.stringify(info)), info);
      },
    },
    {
      name: 'it is active under its own name after use()',
      run: () => assertEqual('The active engine is wrong', activeBackend()?.name, plugin.name),
    },
  ];
}

/** Last of all: they close every engine of the process. */
export function lifecycle(plugin: BackendPlugin): Check[] {
  return [
    {
      name: 'use() again keeps the engine open',
      async run() {
        const x = tensor([1, 2]);
        await use(plugin);
        assertIdentical('A tensor from before', await take(x), [1, 2]);
      },
    },
    {
      name: 'it closes, and opens again',
      async run() {
        for (let i = 0; i < 2; i++) {
          await closeBackends();
          await use(plugin);
          assertIdentical('A sum', await take(tidy(() => sum(tensor([1, 2, 3])))), [6]);
        }
      },
    },
  ];
}
