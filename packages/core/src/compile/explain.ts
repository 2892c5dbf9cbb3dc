/** What a program does, for people and for tools. */
import type { Executable, ExecutableExplanation } from '../plugin.js';
import type { PassCounts } from './passes.js';
import { lastUses, type Program, type ProgramValue } from './program.js';
import { valueBytes } from './value-bytes.js';

export interface Explanation {
  /** Kernels of one run. */
  readonly kernels: number;
  /** How often each kernel runs, the most frequent first. */
  readonly byKernel: Readonly<Record<string, number>>;
  /** States that it reads and writes. */
  readonly statesRead: number;
  readonly statesWritten: number;
  /** Draws of random numbers. */
  readonly draws: number;
  /** Bytes of all results together, and the most that are alive at a time. */
  readonly resultBytes: number;
  readonly liveBytes: number;
  /** Bytes of constants that the program keeps. */
  readonly constantBytes: number;
  /** Kernels of the recorded function that passes took out: how many each. */
  readonly leftOut: PassCounts;
  /** What the engine made of it; null where it is replayed kernel by kernel. */
  readonly engine: ExecutableExplanation | null;
  /** The same as text. */
  toString(): string;
}

/** What became of the kernels that each pass took out. */
const LEFT_OUT: Readonly<Record<keyof PassCounts, string>> = {
  dead: 'that nobody reads',
  aliases: 'that give their input',
  common: 'that repeat others',
  constants: 'computed once',
  transposes: 'transposes',
  epilogues: 'joined to products and convolutions',
};

/** Their results are their arguments' storage. */
const SHARING: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'ExpandDims']);

export function explain(
  program: Program,
  leftOut: PassCounts,
  executable: Executable,
): Explanation {
  const { values, instructions, draws } = program;
  const last = lastUses(program);
  const byKernel = new Map<string, number>();
  const written = new Set<unknown>();
  let resultBytes = 0;
  let live = 0;
  let liveBytes = 0;
  const endingAt = instructions.map(() => 0);
  for (const instruction of instructions) {
    if (instruction.kind === 'write') written.add(instruction.state);
    else byKernel.set(instruction.name, (byKernel.get(instruction.name) ?? 0) + 1);
  }
  instructions.forEach((instruction, at) => {
    if (instruction.kind === 'kernel' && !SHARING.has(instruction.name)) {
      for (const value of instruction.outputs) {
        const bytes = valueBytes(values[value]!);
        resultBytes += bytes;
        live += bytes;
        const end = Math.max(last[value]!, at);
        if (end < instructions.length) endingAt[end]! += bytes;
      }
    }
    liveBytes = Math.max(liveBytes, live);
    live -= endingAt[at]!;
  });
  const of = (kind: string): ProgramValue[] => values.filter(({ source }) => source.kind === kind);
  const kernels = [...byKernel.values()].reduce((a, b) => a + b, 0);
  const sorted = [...byKernel].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const explanation = {
    kernels,
    byKernel: Object.fromEntries(sorted),
    statesRead: of('state').length,
    statesWritten: written.size,
    draws: draws.length,
    resultBytes,
    liveBytes,
    constantBytes: of('constant').reduce((sum, value) => sum + valueBytes(value), 0),
    leftOut,
    engine: executable.explain?.() ?? null,
  };
  const text = (): string =>
    [
      `${kernels} kernels, ${explanation.statesRead} states read, ${written.size} written, ${draws.length} draws`,
      `${megabytes(resultBytes)} of results, at most ${megabytes(liveBytes)} at a time; ${megabytes(explanation.constantBytes)} of constants`,
      ...leftOutLines(leftOut),
      ...engineLines(explanation.engine),
      ...sorted.map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`),
    ].join('\n');
  return Object.defineProperty(explanation, 'toString', { value: text });
}

function leftOutLines(leftOut: PassCounts): string[] {
  const counts = Object.entries(leftOut).filter(([, count]) => count > 0);
  if (counts.length === 0) return [];
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${all} more were recorded: ${counts.map(([pass, count]) => `${count} ${LEFT_OUT[pass as keyof PassCounts]}`).join(', ')}`,
  ];
}

function engineLines(engine: ExecutableExplanation | null): string[] {
  if (engine === null) return [];
  const { fusedGroups, followingGroups, nativeStages, nativeCalls, arenaBytes, hostKernels } =
    engine;
  const following = followingGroups > 0 ? `, ${followingGroups} of them on rows as they come` : '';
  return [
    `${nativeCalls} native calls in ${nativeStages} stages, ${fusedGroups} fused groups${following}; ${megabytes(arenaBytes)} of arena`,
    ...Object.entries(hostKernels).map(([name, why]) => `  in JavaScript: ${name}, because ${why}`),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
