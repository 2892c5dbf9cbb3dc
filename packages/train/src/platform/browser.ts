/** A browser: no file system that a run could live in, and no terminal to draw progress on. */
import { ConfigError } from '@stratajs/core';
import type { Callbacks } from '../callbacks.js';
import type { Files } from './files.js';

export const files: Files = {
  join: refuse,
  name: refuse,
  parent: refuse,
  makeDirectory: refuse,
  list: refuse,
  read: refuse,
  write: refuse,
  append: refuse,
  sync: refuse,
  rename: refuse,
  remove: refuse,
  absolute: refuse,
  sha256: refuse,
};

export function createProgress(): Callbacks {
  return {};
}

/** Lets the event loop turn once. A timer would wait at least 4 ms, a message does not. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // Typed by hand: Node's types, which this package sees too, know another MessagePort.
    (port1 as unknown as { onmessage: () => void }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function refuse(): never {
  throw new ConfigError(
    'Runs and checkpoints need a file system. Received: a platform without one, such as a browser. ' +
      'Leave runDir out; read the weights with model.stateDict() and keep them where the platform allows.',
  );
}
