/** The suite for engines: one call in a vitest file. */
import { activeBackend, type BackendPlugin, closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Accuracy, backendChecks } from './checks/backend-checks.js';
import { lifecycle } from './checks/plugin.js';
import { type Case, runTogether } from './case.js';
import { type CheckGroup, failure, fullName } from './check.js';
import { declaredGaps, type ExpectedFailures, type Gaps, judge } from './expected-failures.js';
import { Tally } from './tally.js';
import type { TfjsResult } from './tfjs-suite/runnable-specs.js';
import { defineTfjsSuite } from './tfjs-suite/tfjs-suite.js';

export interface BackendOptions extends Accuracy {
  /**
   * What the engine cannot do: name of a check or spec as the report prints it → the reason. `*` stands
   * for any text. What is declared must fail: a declared gap that passes fails the suite.
   */
  readonly expectedFailures?: ExpectedFailures;
  /** Whether the engine can be read synchronously (`readSync`); some of tfjs's specs need it. Default true. */
  readonly synchronousReads?: boolean;
  /** Whether to run tfjs-core's own specs, which need Node. Default true. */
  readonly tfjsSpecs?: boolean;
  /**
   * What is one test: each 'check' (and spec), or a whole 'group' of them, whose failure names every
   * check that failed. Default 'check'. Groups suit an engine that runs in several ways: all run every
   * check, and one of them reports each.
   */
  readonly testPer?: 'check' | 'group';
}

/**
 * Describes the conformance suite of an engine to vitest, and prints one line of counts at its end:
 *
 *     import { describeBackend } from '@stratajs/conformance';
 *     describeBackend(myEngine());
 *
 * First Strata's own checks run: values and gradients against PyTorch's float64, finite differences,
 * leaks, random numbers, state and donation, exceptions; then tfjs-core's own specs; then the
 * engine is closed and opened again. One engine in each test file: the specs reset tfjs's engine.
 */
export function describeBackend(plugin: BackendPlugin, options: BackendOptions = {}): void {
  const { expectedFailures = {}, synchronousReads = true } = options;
  const { tfjsSpecs = true, testPer = 'check' } = options;
  const gaps = declaredGaps(expectedFailures);
  const own = new Tally();
  const tfjs = new Tally();

  describe(`conformance of ${plugin.name}`, () => {
    beforeAll(async () => {
      await use(plugin);
    });
    afterAll(async () => {
      const device = activeBackend()?.info;
      const where = device ? ` (${device.tier}: ${device.description})` : '';
      const specs = tfjsSpecs ? `${tfjs.line("of tfjs-core's specs")}; ` : '';
      console.log(`conformance ${plugin.name}: ${specs}${own.line('of our checks')}${where}`);
      await closeBackends();
    });

    for (const group of backendChecks(plugin, options)) {
      declare(group.name, casesOf(group, gaps, own), testPer);
    }
    if (tfjsSpecs) describeTfjsSpecs(plugin, synchronousReads, gaps, tfjs, testPer);
    const last = { name: 'lifecycle:', checks: lifecycle(plugin) };
    declare(last.name, casesOf(last, gaps, own), testPer);
    it('every declared gap names a check', () => {
      const unmatched = gaps.unmatched();
      if (unmatched.length > 0) {
        throw new Error(
          `No check or spec is called: ${unmatched.join('; ')}. Remove it from expectedFailures.`,
        );
      }
    });
  });
}

function declare(group: string, cases: readonly Case[], testPer: 'check' | 'group'): void {
  if (testPer === 'check') {
    describe(group, () => {
      for (const { title, run } of cases) it(title, run);
    });
    return;
  }
  it(`${group} ${cases.length} in all`, () => runTogether(cases));
}

function casesOf(group: CheckGroup, gaps: Gaps, tally: Tally): Case[] {
  return group.checks.map((check) => {
    const name = fullName(group, check);
    const reason = gaps.reason(name);
    return {
      title: titled(check.name, reason),
      run: () => tally.count(reason, async () => judge(name, await failure(check), reason)),
    };
  });
}

function describeTfjsSpecs(
  plugin: BackendPlugin,
  dataSync: boolean,
  gaps: Gaps,
  tally: Tally,
  testPer: 'check' | 'group',
): void {
  const title = "tfjs-core's specs:";
  describe(title, async () => {
    // The specs read tfjs's environment while they are defined.
    await use(plugin);
    const suite = defineTfjsSuite(plugin.name, dataSync);
    let results: ReadonlyMap<string, TfjsResult>;
    beforeAll(async () => {
      results = await suite.run();
      await use(plugin);
    }, 30 * 60_000);
    const cases: Case[] = [];
    for (const spec of suite.specs) {
      if (spec.pending) {
        tally.pending.push(spec.name);
        continue;
      }
      const reason = gaps.reason(spec.name);
      const run = async (): Promise<void> => {
        const result = results.get(spec.id);
        // A spec may also put itself off while it runs.
        if (result?.status === 'pending') tally.pending.push(spec.name);
        else await tally.count(reason, () => judge(spec.name, asError(result), reason));
      };
      cases.push({ title: titled(spec.name, reason), run });
    }
    if (testPer === 'group') declare(title, cases, testPer);
    else for (const { title, run } of cases) it(title, run);
  });
}

function asError(result: TfjsResult | undefined): Error | null {
  return result ? result.error : new Error('jasmine did not run this spec.');
}

function titled(name: string, reason: string | null): string {
  return reason === null ? name : `${name} [declared gap: ${reason}]`;
}
