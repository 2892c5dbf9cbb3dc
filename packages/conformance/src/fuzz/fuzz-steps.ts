/** Many random steps on several engines, compiled against eager. */
import { generateStep } from '../programs/generate-step.js';
import type { Mismatch } from '../programs/judge.js';
import type { StepProgram } from '../programs/step-program.js';
import type { EngineProcess } from './engine-process.js';
import { shrinkStep } from './shrink-step.js';

export interface FuzzStepsOptions {
  readonly count: number;
  /** Of the first step; each next one has the next. */
  readonly seed: number;
  readonly engines: readonly EngineProcess[];
  /** Told of failing steps, once for each kind and engine, after they were cut down. */
  readonly onFailure: (failure: StepFailure) => void;
  /** Told now and then how many steps have run. */
  readonly onProgress?: (done: number) => void;
}

export interface StepFailure {
  readonly engine: string;
  readonly seed: number;
  readonly step: StepProgram;
  readonly mismatches: readonly Mismatch[];
}

export interface FuzzStepsReport {
  /** Steps that agreed, by engine. */
  readonly agreed: Readonly<Record<string, number>>;
  /** Steps that did not, by engine, then by what differs. */
  readonly failed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How many nodes, effects, gradients and results there were. */
  readonly held: Readonly<Record<'nodes' | 'effects' | 'gradients' | 'outputs', number>>;
}

const BATCH = 100;

export async function fuzzSteps(options: FuzzStepsOptions): Promise<FuzzStepsReport> {
  const { count, seed, engines, onProgress } = options;
  const agreed: Record<string, number> = {};
  const failed: Record<string, Record<string, number>> = {};
  const held = { nodes: 0, effects: 0, gradients: 0, outputs: 0 };
  for (const { name } of engines) [agreed[name], failed[name]] = [0, {}];
  for (let done = 0; done < count; done += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => seed + done + i);
    const steps = seeds.map(generateStep);
    for (const { graph, effects, outputs } of steps) {
      held.nodes += graph.nodes.length;
      held.effects += effects.length;
      held.gradients += graph.gradient ? 1 : 0;
      held.outputs += outputs.length;
    }
    const verdicts = await Promise.all(engines.map((engine) => engine.judgeSteps(steps)));
    for (const [e, engine] of engines.entries()) {
      for (const [i, [first]] of verdicts[e]!.entries()) {
        if (first === undefined) {
          agreed[engine.name]!++;
          continue;
        }
        const kinds = failed[engine.name]!;
        const known = kinds[first.where] !== undefined;
        kinds[first.where] = (kinds[first.where] ?? 0) + 1;
        if (!known) await explain(options, engine, seeds[i]!, steps[i]!, first);
      }
    }
    onProgress?.(done + seeds.length);
  }
  return { agreed, failed, held };
}

/** Cuts a failing step down and tells of it. */
async function explain(
  { onFailure }: FuzzStepsOptions,
  engine: EngineProcess,
  seed: number,
  step: StepProgram,
  { where }: Mismatch,
): Promise<void> {
  const judge = async (tried: StepProgram): Promise<Mismatch[]> =>
    (await engine.judgeSteps([tried]))[0]!;
  const smallest = await shrinkStep(step, async (tried) =>
    (await judge(tried)).some((m) => m.where === where),
  );
  onFailure({ engine: engine.name, seed, step: smallest, mismatches: await judge(smallest) });
}
