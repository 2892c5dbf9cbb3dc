import { closeBackends, use } from '@stratajs/core';
import { expect, it } from 'vitest';
import { hostRandom } from '../src/host-random.js';
import { defineTfjsSuite } from '../src/tfjs-suite/tfjs-suite.js';
import { copiedCpu } from './copied-cpu.js';

it("finds a wrong kernel by tfjs-core's own specs, and leaves the program around it as it was", async () => {
  const globals = Object.keys(globalThis);
  const { stackTraceLimit } = Error;
  const { random } = Math; // oxlint-disable-line no-restricted-properties -- to see that it is back
  const drawn: number[] = [];
  const plugin = copiedCpu('wrong-cpu', {
    kernels: {
      // cos in the place of sin's.
      Sin: (original) => (args) => {
        // oxlint-disable-next-line no-restricted-properties -- what tfjs's unseeded operations draw from
        drawn.push(Math.random());
        const out = original!(args) as { dataId: object };
        const { values } = (
          args.backend as { data: { get(id: object): { values: Float32Array } } }
        ).data.get(out.dataId);
        values.forEach((v, i) => (values[i] = Math.sqrt(1 - v * v)));
        return out as never;
      },
    },
  });
  await use(plugin);
  const suite = defineTfjsSuite(plugin.name, true);
  const results = await suite.run();
  const failed = suite.specs.filter(({ id }) => results.get(id)?.status === 'failed');
  expect(failed.map(({ name }) => name)).toContain('sin basic');
  expect(failed.every(({ name }) => /sin|cos|tan|fft|gradient/i.test(name))).toBe(true);
  const { error } = results.get(failed[0]!.id)!;
  expect(error?.message).toMatch(/Arrays differ|Expected/);
  expect(suite.specs).toHaveLength(4230);
  expect(suite.specs.filter((spec) => spec.pending)).toHaveLength(5);
  const added = Object.keys(globalThis).filter((name) => !globals.includes(name));
  // tfjs sets fetch on the global object of Node.
  expect(added.filter((name) => name !== 'fetch')).toEqual([]);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  // Every spec draws the same numbers in every run, whatever was drawn before it.
  const first = hostRandom(1)();
  expect(drawn[0]).toBe(first);
  expect(drawn.filter((value) => value === first).length).toBeGreaterThan(1);
  // oxlint-disable-next-line no-restricted-properties
  expect(Math.random).toBe(random);
  await closeBackends();
});
