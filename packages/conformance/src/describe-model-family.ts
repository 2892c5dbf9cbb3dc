/** The suite for model families: one call in a vitest file. */
import { closeBackends, type BackendPlugin, type ModelFamily, register, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { failure, fullName } from './check.js';
import { type FamilyCheckOptions, familyChecks } from './checks/family-checks.js';
import { declaredGaps, type ExpectedFailures, judge } from './expected-failures.js';
import { Tally } from './tally.js';

export interface ModelFamilyOptions extends FamilyCheckOptions {
  /** What the models run on. */
  readonly engine: BackendPlugin;
  /**
   * What a model does not satisfy: name of a check as the report prints it, led by the model's id → the
   * reason. `*` stands for any text. A declared gap that passes fails the suite.
   */
  readonly expectedFailures?: ExpectedFailures;
}

/**
 * Describes the conformance suite of a model family to vitest, and prints one line of counts:
 *
 *     import { describeModelFamily } from '@stratajs/conformance';
 *     describeModelFamily(myFamily, { engine: cpu() });
 *
 * Every model is built with its default options and must: have the number of parameters it says,
 * give finite results, equal for equal seeds, toggle between training and evaluation, send gradients
 * to every trainable parameter, learn a batch by heart, leak nothing, and refuse unknown options.
 */
export function describeModelFamily(family: ModelFamily, options: ModelFamilyOptions): void {
  const gaps = declaredGaps(options.expectedFailures ?? {});
  const tally = new Tally();

  describe(`conformance of the models of ${family.name}`, () => {
    beforeAll(async () => {
      await use(options.engine);
      register(family);
    });
    afterAll(async () => {
      const count = Object.keys(family.models).length;
      console.log(
        `conformance ${family.name}: ${count} models, ${tally.line('checks')} on ${options.engine.name}`,
      );
      await closeBackends();
    });
    for (const group of familyChecks(family, options)) {
      describe(group.name, () => {
        for (const check of group.checks) {
          const name = fullName(group, check);
          const reason = gaps.reason(name);
          it(reason === null ? check.name : `${check.name} [declared gap: ${reason}]`, () =>
            tally.count(reason, async () => judge(name, await failure(check), reason)),
          );
        }
      });
    }
    it('every declared gap names a check', () => {
      const unmatched = gaps.unmatched();
      if (unmatched.length > 0) {
        throw new Error(
          `No check is called: ${unmatched.join('; ')}. Remove it from expectedFailures.`,
        );
      }
    });
  });
}
