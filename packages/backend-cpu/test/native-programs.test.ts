import { createHash } from 'node:crypto';
import { closeBackends, use } from '@stratajs/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';
import { programs, type Results, results } from './programs.js';

const [best, ...others] = (addon?.supported() ?? []) as Isa[];

/** A hash of every bit: comparing millions of elements with toEqual takes seconds. */
function bits(arrays: Results): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(`${array.length} `).update(array);
  return hash.digest('hex');
}

/** The largest difference, relative to the largest element of its tensor. */
function difference(received: Results, expected: Results): number {
  expect(received.map((x) => x.length)).toEqual(expected.map((x) => x.length));
  let worst = 0;
  expected.forEach((e, i) => {
    let greatest = 1e-30;
    for (let j = 0; j < e.length; j++) greatest = Math.max(greatest, Math.abs(e[j]!));
    for (let j = 0; j < e.length; j++) {
      const d = Math.abs(received[i]![j]! - e[j]!) / greatest;
      // Written so that NaN counts as different.
      if (!(d <= worst)) worst = d;
    }
  });
  return worst;
}

describe.runIf(addon).each(Object.entries(programs))('the program %s', (_name, program) => {
  afterEach(closeBackends);

  it.each(others)(`gives on %s what it gives on ${best}, but for rounding`, async (isa) => {
    await use(cpu({ tier: 'native', isa: best! }));
    const expected = await results(program);
    await closeBackends();
    await use(cpu({ tier: 'native', isa }));
    const received = await results(program);
    if (program.exact) expect(bits(received)).toBe(bits(expected));
    else expect(difference(received, expected)).toBeLessThan(1e-5);
  });

  it.each([best!, ...others])(
    'gives the same bits on %s with 1, 2, 4 and 7 threads',
    async (isa) => {
      const seen = [];
      for (const threads of [1, 2, 4, 7]) {
        await use(cpu({ tier: 'native', isa, threads }));
        seen.push(bits(await results(program)));
        await closeBackends();
      }
      expect(new Set(seen).size).toBe(1);
    },
  );
});

afterAll(() => addon?.setThreads(2));
