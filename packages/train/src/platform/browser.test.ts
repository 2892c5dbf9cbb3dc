import { ConfigError } from '@stratajs/core';
import { expect, test } from 'vitest';
import { createProgress, files, nextTask } from './browser.js';
import * as node from './node.js';

test('a browser offers what Node does, and says what it cannot', async () => {
  expect(Object.keys(files).sort()).toEqual(Object.keys(node.files).sort());
  // Node has no IndexedDB, like some private windows.
  for (const call of [files.list, files.read, files.remove]) {
    const refused = call('runs/first');
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(/IndexedDB.*without one.*leave runDir out/);
  }
  expect(createProgress()).toEqual({});
});

test.each([
  ['a browser', nextTask],
  ['Node', node.nextTask],
])('the event loop of %s turns', async (_, turn) => {
  let turned = false;
  setImmediate(() => void (turned = true));
  // A message may arrive before, but not before a second one.
  await turn();
  await turn();
  expect(turned).toBe(true);
});
