import { ConfigError } from '@stratajs/core';
import { expect, test } from 'vitest';
import { createProgress, files, nextTask } from './browser.js';
import * as node from './node.js';

test('a browser offers what Node does, and says what it cannot', () => {
  expect(Object.keys(files).sort()).toEqual(Object.keys(node.files).sort());
  for (const call of Object.values(files) as ((path: string) => unknown)[]) {
    expect(() => call('runs/first')).toThrow(ConfigError);
    expect(() => call('runs/first')).toThrow(/need a file system.*Leave runDir out/);
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
