// Whole programs, eager and compiled, in several worker threads at once: each has an engine of its own, and all share one pool of threads.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { closeBackends, use } from '@stratajs/core';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import { addon } from './addon.js';
import { trained } from './compiled-steps.js';
import { programs, results } from './programs.js';

const WORKERS = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
mkdirSync(join(root, 'dist'), { recursive: true });
// Two folders down in the package, where imports of tfjs resolve and the addon is found at ../../dist/native.
const place = mkdtempSync(join(root, 'dist', 'test-workers-'));
const script = join(place, 'worker.mjs');

beforeAll(() =>
  build({
    stdin: {
      contents: `
        import { createHash } from 'node:crypto';
        import { parentPort } from 'node:worker_threads';
        import { closeBackends, use } from '@stratajs/core';
        import { cpu } from '../src/index.js';
        import { trained } from './compiled-steps.js';
        import { programs, results } from './programs.js';
        await use(cpu({ tier: 'native', threads: 3 }));
        const digests = {};
        for (const [name, program] of Object.entries(programs)) {
          const hash = createHash('sha256');
          for (const values of await results(program)) hash.update(values);
          digests[name] = hash.digest('hex');
        }
        const hash = createHash('sha256');
        for (const values of await trained(true)) hash.update(values);
        digests.compiled = hash.digest('hex');
        await closeBackends();
        parentPort.postMessage(digests);`,
      resolveDir: join(root, 'test'),
      loader: 'ts',
    },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['strata-source'],
    external: ['@tensorflow/*'],
    logLevel: 'silent',
  }),
);
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** What a worker sends; rejects when it fails. */
function digestsOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let received: unknown = 'nothing';
    worker.on('message', (message) => (received = message));
    worker.on('error', reject);
    worker.on('exit', () => resolve(received));
  });
}

it.runIf(addon)(
  'programs give the same bits in several workers at once as in one thread',
  async () => {
    await use(cpu({ tier: 'native', threads: 1 }));
    const expected: Record<string, string> = {};
    for (const [name, program] of Object.entries(programs)) {
      const hash = createHash('sha256');
      for (const values of await results(program)) hash.update(values);
      expected[name] = hash.digest('hex');
    }
    const eager = await trained(false);
    expect(await trained(true)).toEqual(eager);
    const hash = createHash('sha256');
    for (const values of eager) hash.update(values);
    expected['compiled'] = hash.digest('hex');
    await closeBackends();
    for (let round = 0; round < 2; round++) {
      const received = await Promise.all(
        Array.from({ length: WORKERS }, () => digestsOf(new Worker(script))),
      );
      for (const digests of received) expect(digests).toEqual(expected);
    }
    addon!.setThreads(2);
  },
);
