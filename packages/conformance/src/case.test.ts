import { expect, it } from 'vitest';
import { type Case, runTogether } from './case.js';

const ran: string[] = [];
const named = (title: string, error?: Error): Case => ({
  title,
  async run() {
    ran.push(title);
    if (error) throw error;
  },
});

it('runs every case, in order, and names those that fail', async () => {
  const cases = [named('one'), named('two', new Error('NaN')), named('three', new Error('2 ≠ 3'))];
  await expect(runTogether(cases)).rejects.toThrow(/^2 of 3 fail:\ntwo: NaN\nthree: 2 ≠ 3$/);
  expect(ran).toEqual(['one', 'two', 'three']);
  await expect(runTogether([named('four')])).resolves.toBeUndefined();
});
