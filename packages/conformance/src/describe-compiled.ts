/** Layers, losses, optimizers and any other steps, compiled against eager: one call in a vitest file. */
import { activeBackend, type BackendPlugin, closeBackends, ConfigError, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertSame, compiledTraining } from './checks/compiled-training.js';
import { Tally } from './tally.js';
import { compiled, type Seen } from './training/seen-training.js';
import type { Training } from './training/training.js';

export interface CompiledOptions {
  /** What every one of them must be found among the trainings: names before a comma. Default: none. */
  readonly needed?: readonly string[];
  /**
   * How far compiled results may lie from eager ones, relative to each element (and a fifth of it relative to the greatest). Default
   * 1e-5, what compile() promises; 0: the same bits.
   */
  readonly relativeTolerance?: number;
}

/**
 * Describes steps to vitest, which must give compiled what they give eagerly, on each of the engines that runs here:
 *
 *     import { describeCompiled, layerTraining } from '@stratajs/conformance';
 *     await describeCompiled([myEngine()], {
 *       MyLayer: layerTraining((rng) => new MyLayer(5, { rng }), [{ shape: [4, 5] }]),
 *     });
 */
export async function describeCompiled(
  engines: readonly BackendPlugin[],
  trainings: Readonly<Record<string, Training>>,
  { needed = [], relativeTolerance = 1e-5 }: CompiledOptions = {},
): Promise<void> {
  const tolerance = { relative: relativeTolerance, ofGreatest: relativeTolerance / 5 };
  it('a training stands for everything that needs one', () => {
    const names = new Set(Object.keys(trainings).map((name) => name.split(',')[0]!));
    expect(needed.filter((name) => !names.has(name))).toEqual([]);
  });
  for (const [k, engine] of (await running(engines)).entries()) {
    const tally = new Tally();
    describe(`compiled on ${engine.name} (${k + 1})`, () => {
      beforeAll(async () => void (await use(engine)));
      afterAll(async () => {
        const { tier, description } = activeBackend()!.info;
        console.log(
          `compiled ${engine.name}: ${tally.line(`checks of ${Object.keys(trainings).length} trainings`)} (${tier}: ${description})`,
        );
        await closeBackends();
      });
      for (const [name, training] of Object.entries(trainings)) {
        for (const { name: what, run } of compiledTraining(training, tolerance)) {
          it(`${name} ${what}`, () => tally.count(null, run));
        }
      }
    });
  }
}

/**
 * Describes steps to vitest, which must give the same bits, compiled, on all of these engines that run here: say, on one with several
 * numbers of threads.
 */
export async function describeSameBits(
  engines: readonly BackendPlugin[],
  trainings: Readonly<Record<string, Training>>,
): Promise<void> {
  const all = await running(engines);
  it.each(Object.entries(trainings))(
    `%s has the same bits, compiled, on each of ${all.length} engines`,
    async (_, training) => {
      const seen: Seen[] = [];
      for (const engine of all) {
        await use(engine);
        seen.push(await compiled(training));
        await closeBackends();
      }
      for (const other of seen.slice(1)) assertSame(other, seen[0]!, { relative: 0 });
    },
  );
}

/** Those that run here; of the others it says why they do not. */
async function running(engines: readonly BackendPlugin[]): Promise<BackendPlugin[]> {
  const found: BackendPlugin[] = [];
  for (const engine of engines) {
    const refusal = await engine.probe();
    if (refusal === null) found.push(engine);
    else console.log(`compiled ${engine.name}: not run. ${refusal}`);
  }
  if (found.length === 0)
    throw new ConfigError('None of the engines runs here. Give one that does.');
  return found;
}
