/** Many random programs on several engines. */
import type { Mismatch } from '../programs/judge.js';
import { generateProgram } from '../programs/generate.js';
import type { Program } from '../programs/program.js';
import type { EngineProcess } from './engine-process.js';
import type { TorchOracle } from './oracle.js';
import { shrink } from './shrink.js';

export interface FuzzOptions {
  readonly count: number;
  /** Of the first program; each next one has the next. */
  readonly seed: number;
  readonly oracle: TorchOracle;
  readonly engines: readonly EngineProcess[];
  /** An operation that every program holds. Default: any. */
  readonly op?: string | undefined;
  /** Told of every failing program, once for each operation and engine, after it was cut down. */
  readonly onFailure: (failure: Failure) => void;
  /** Told now and then how many programs have run. */
  readonly onProgress?: (done: number) => void;
}

export interface Failure {
  readonly engine: string;
  readonly seed: number;
  readonly program: Program;
  readonly mismatches: readonly Mismatch[];
}

export interface FuzzReport {
  /** Programs that agreed, by engine. */
  readonly agreed: Readonly<Record<string, number>>;
  /** Programs that did not, by engine, then by what differs. */
  readonly failed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How many nodes of each operation ran. */
  readonly operations: Readonly<Record<string, number>>;
  /** How many programs end in a gradient. */
  readonly gradients: number;
}

const BATCH = 100;

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { count, seed, oracle, engines, op, onProgress } = options;
  const agreed: Record<string, number> = {};
  const failed: Record<string, Record<string, number>> = {};
  const operations: Record<string, number> = {};
  let gradients = 0;
  for (const { name } of engines) [agreed[name], failed[name]] = [0, {}];
  for (let done = 0; done < count; done += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => seed + done + i);
    const programs = seeds.map((s) => generateProgram(s, op === undefined ? {} : { op }));
    for (const { nodes, gradient } of programs) {
      for (const node of nodes) operations[node.op] = (operations[node.op] ?? 0) + 1;
      if (gradient) gradients++;
    }
    const expectations = await oracle.expect(programs);
    const tasks = programs.map((program, i) => [program, expectations[i]!] as const);
    const verdicts = await Promise.all(engines.map((engine) => engine.judge(tasks)));
    for (const [e, engine] of engines.entries()) {
      for (const [i, mismatches] of verdicts[e]!.entries()) {
        const [first] = mismatches;
        if (!first) {
          agreed[engine.name]!++;
          continue;
        }
        const kinds = failed[engine.name]!;
        const known = kinds[first.where] !== undefined;
        kinds[first.where] = (kinds[first.where] ?? 0) + 1;
        if (!known) await explain(options, engine, seeds[i]!, programs[i]!, first);
      }
    }
    onProgress?.(done + seeds.length);
  }
  return { agreed, failed, operations, gradients };
}

/** Cuts a failing program down and tells of it. */
async function explain(
  { oracle, onFailure }: FuzzOptions,
  engine: EngineProcess,
  seed: number,
  program: Program,
  { where }: Mismatch,
): Promise<void> {
  const judge = async (
    p: Program,
  ): Promise<{
    expectation: Awaited<ReturnType<TorchOracle['expect']>>[0];
    mismatches: Mismatch[];
  }> => {
    const [expectation] = await oracle.expect([p]);
    const [mismatches] = await engine.judge([[p, expectation!]]);
    return { expectation: expectation!, mismatches: mismatches! };
  };
  const op = program.nodes.some((node) => node.op === where) ? where : undefined;
  const smallest = await shrink(program, op, async (p) => {
    const { expectation, mismatches } = await judge(p);
    return { expectation, fails: mismatches.some((m) => m.where === where) };
  });
  const { mismatches } = await judge(smallest);
  onFailure({ engine: engine.name, seed, program: smallest, mismatches });
}
