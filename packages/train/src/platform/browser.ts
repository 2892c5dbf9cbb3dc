/** A browser: runs live in its IndexedDB; there is no terminal to draw progress on. */
import type { Callbacks } from '../callbacks.js';

export { indexedFiles as files } from './indexed-files.js';

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
