/** The suite for engines: one call in a vitest file. */
import { activeBackend, type BackendPlugin, closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Accuracy, backendChecks } from './checks/backend-checks.js';
import { lifecycle } from './checks/plugin.js';
import { type Check, failure, fullName } from './check.js';
import { declaredGaps, type ExpectedFailures, type Gaps, judge } from './expected-failures.js';
import { Tally } from './tally.js';
import { defineTfjsSuite, type TfjsResult } from './tfjs-suite/tfjs-suite.js';

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
  const { expectedFailures = {}, synchronousReads = true, tfjsSpecs = true } = options;
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
      describe(group.name, () => {
        for (const check of group.checks) declare(check, fullName(group, check), gaps, own);
      });
    }
    if (tfjsSpecs) describeTfjsSpecs(plugin, synchronousReads, gaps, tfjs);
    describe('lifecycle:', () => {
      for (const check of lifecycle(plugin)) declare(check, `lifecycle: ${check.name}`, gaps, own);
    });
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

function declare(check: Check, name: string, gaps: Gaps, tally: Tally): void {
  const reason = gaps.reason(name);
  it(titled(check.name, reason), async () => {
    await tally.count(reason, async () => judge(name, await failure(check), reason));
  });
}

function describeTfjsSpecs(
  plugin: BackendPlugin,
  dataSync: boolean,
  gaps: Gaps,
  tally: Tally,
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
    for (const spec of suite.specs) {
      if (spec.pending) {
        tally.pending.push(spec.name);
        continue;
      }
      const reason = gaps.reason(spec.name);
      it(titled(spec.name, reason), async () => {
        const result = results.get(spec.id);
        // A spec may also put itself off while it runs.
        if (result?.status === 'pending') tally.pending.push(spec.name);
        else await tally.count(reason, () => judge(spec.name, asError(result), reason));
      });
    }
  });
}

function asError(result: TfjsResult | undefined): Error | null {
  return result ? result.error : new Error('jasmine did not run this spec.');
}

function titled(name: string, reason: string | null): string {
  return reason === null ? name : `${name} [declared gap: ${reason}]`;
}
