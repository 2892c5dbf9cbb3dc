/** What one workload of `strata bench` is: its arithmetic and traffic, counted by hand, and our side of it. */
import { compile, reshape, slice, type Tensor, tidy } from '@stratajs/core';

/** Runs the work so many times, reads one element of the last result, and gives it. */
export type Run = (times: number) => Promise<number>;

/** What a run computes: its results, the first of which is read. */
export type Step = () => readonly Tensor[];

/** How a workload's step runs. */
export type Mode = 'eager' | 'compiled';

export interface Workload {
  readonly name: string;
  /** What PyTorch's side calls the same work. Default: `name`. */
  readonly peerName?: string;
  readonly title: string;
  /** Floating-point operations of one run (a multiply-add counts two; convolutions as the direct algorithm). */
  readonly flops: number;
  /** Bytes that one run must at least move: inputs read and outputs written once. */
  readonly bytes: number;
  /** The most that our time may be, as a multiple of PyTorch's best; without one, nothing is asked. */
  readonly bar?: number;
  /** The most seconds that one run of ours may take. */
  readonly mostSeconds?: number;
  /** Where every side begins with the same numbers: what its result must begin with, worked out in plain JavaScript. */
  readonly value?: number;
  /** Whether PyTorch may also run it with channels last in memory. */
  readonly layouts?: true;
  /** Whether tfjs's sides run it too. */
  readonly tfjs?: true;
  /** Whether our side runs it on one thread as well. */
  readonly scales?: true;
  /** Our side, on the open engine. */
  prepare(): Run;
}

/** A workload whose step can be compiled. */
export interface CompilableWorkload extends Omit<Workload, 'prepare'> {
  /** Builds what the step needs, and gives the step. */
  step(): Step;
}

/** What compiled work has to reach. */
export type CompiledBar = Pick<Workload, 'bar' | 'mostSeconds'>;

/** The workload as it runs eagerly, and where it has a bar of its own, as one program. */
export function inModes(
  { step, ...workload }: CompilableWorkload,
  compiledBar?: CompiledBar,
): Workload[] {
  const eager = { ...workload, prepare: () => repeatStep(step(), 'eager') };
  if (compiledBar === undefined) return [eager];
  const { bar: _, ...rest } = workload;
  return [
    eager,
    {
      ...rest,
      ...compiledBar,
      name: `${workload.name}-compiled`,
      peerName: workload.name,
      title: `${workload.title}, compiled`,
      prepare: () => repeatStep(step(), 'compiled'),
    },
  ];
}

/** Runs a step again and again, in one of the modes. */
function repeatStep(step: Step, mode: Mode): Run {
  const run = mode === 'compiled' ? compile(step) : () => tidy(() => [...step()]);
  return repeat(() => {
    const [first, ...others] = run();
    for (const t of others) t.dispose();
    return first!;
  });
}

/** Runs `step` again and again; of its last result one element is read. */
export function repeat(step: () => Tensor): Run {
  return async (times) => {
    for (let i = 1; i < times; i++) step().dispose();
    const result = step();
    const value = await first(result);
    result.dispose();
    return value;
  };
}

/** One element, so that reading costs the same whatever the size. */
async function first(x: Tensor): Promise<number> {
  const corner = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map(() => 1),
  );
  const scalar = reshape(corner, []);
  const value = (await scalar.data())[0] as number;
  corner.dispose();
  scalar.dispose();
  return value;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

export function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
