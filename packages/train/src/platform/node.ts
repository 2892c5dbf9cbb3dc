/** Node: its file system, and progress on stderr. */
export { files } from './node-files.js';
export { createProgress } from './node-progress.js';

/** Lets the event loop turn once: signals, timers and other work get their chance. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
