/** Smaller programs that fail as a large one does. */
import type { Expectation } from '../programs/judge.js';
import { decode, shortest } from '../programs/elements.js';
import { generateProgram } from '../programs/generate.js';
import { firstResults, type Program, type ProgramNode, signatures } from '../programs/program.js';

/** What is known of a program: what it ought to give, and whether it still fails in the same way. */
export interface Trial {
  readonly expectation: Expectation;
  readonly fails: boolean;
}

/** How many small programs of the operation are tried. */
const DRAWS = 60;

/**
 * Cuts a failing program down: values become inputs that hold what they ought to, nodes and inputs that
 * nothing needs go; then small random programs of one operation are tried in its place.
 *
 * @param op the operation that fails, where it is known.
 */
export async function shrink(
  program: Program,
  op: string | undefined,
  attempt: (program: Program) => Promise<Trial>,
): Promise<Program> {
  let best = program;
  let { expectation } = await attempt(best);
  for (let found = true; found;) {
    found = false;
    for (const smaller of cuts(best, expectation)) {
      if (weight(smaller) >= weight(best) || smaller.gradient?.inputs.length === 0) continue;
      const trial = await attempt(smaller);
      if (!trial.fails) continue;
      [best, expectation, found] = [smaller, trial.expectation, true];
      break;
    }
  }
  if (op === undefined) return best;
  const special = program.inputs.some(({ values }) => values.includes('NaN'));
  for (const mostElements of [4, 16, 64, 256]) {
    for (let seed = 0; seed < DRAWS; seed++) {
      const other = generateProgram(seed, { op, mostNodes: 1, mostElements, special });
      if (weight(other) >= weight(best)) continue;
      if ((await attempt(other)).fails) return other;
    }
  }
  return best;
}

/** How much there is to read: fewer nodes are better, whatever their inputs hold. */
function weight(program: Program): number {
  return 1e6 * program.nodes.length + JSON.stringify(program).length;
}

/** Programs one step smaller, those that save most first. */
function* cuts(program: Program, expectation: Expectation): Generator<Program> {
  const { gradient, nodes, inputs } = program;
  if (gradient) {
    const { gradient: _, ...rest } = program;
    yield rest;
  }
  if (nodes.length > 1) {
    for (const k of nodes.keys()) yield alone(program, expectation, k);
    for (let k = nodes.length - 1; k >= 0; k--) yield pruned(held(program, expectation, k));
    if (!gradient) {
      for (let k = nodes.length - 1; k >= 0; k--) {
        const less = removed(program, k);
        if (less) yield less;
      }
    }
  }
  if (gradient && gradient.inputs.length > 1) {
    for (const only of gradient.inputs)
      yield pruned({ ...program, gradient: { ...gradient, inputs: [only] } });
  }
  if (inputs.length > 0) yield* plainer(program);
}

/** One node, on inputs that hold what it took. */
function alone(program: Program, expectation: Expectation, k: number): Program {
  const all = signatures(program);
  const node = program.nodes[k]!;
  const taken = [...new Set(node.inputs)];
  return {
    inputs: taken.map((i) => ({
      ...all[i]!,
      values: shortest(decode(expectation.values[i]!.data, all[i]!.dtype)),
    })),
    nodes: [{ ...node, inputs: node.inputs.map((i) => taken.indexOf(i)) }],
  };
}

/** The results of node `k` are inputs from now on: the node stays, but nothing takes them. */
function held(program: Program, expectation: Expectation, k: number): Program {
  const first = firstResults(program)[k]!;
  const { results } = program.nodes[k]!;
  const count = program.inputs.length;
  const added = results.map(({ shape, dtype }, i) => {
    const { data } = expectation.values[first + i]!;
    return { shape, dtype, values: shortest(decode(data, dtype)) };
  });
  const renumber = (i: number): number => (i < count ? i : i + added.length);
  const take = (i: number): number =>
    i >= first && i < first + results.length ? count + (i - first) : renumber(i);
  const nodes = program.nodes.map((node) => ({ ...node, inputs: node.inputs.map(take) }));
  const { gradient } = program;
  const floats = added.flatMap(({ dtype }, i) => (dtype === 'float32' ? [count + i] : []));
  return {
    inputs: [...program.inputs, ...added],
    nodes,
    ...(gradient && {
      gradient: {
        ...gradient,
        of: renumber(gradient.of),
        inputs: [...gradient.inputs, ...floats],
      },
    }),
  };
}

/** Without node `k`, where nothing takes its results. */
function removed(program: Program, k: number): Program | undefined {
  const first = firstResults(program)[k]!;
  const count = program.nodes[k]!.results.length;
  const taken = program.nodes.some((n) => n.inputs.some((i) => i >= first && i < first + count));
  return taken ? undefined : without(program, new Set([k]), new Set());
}

/** Without what neither the gradient nor, where there is none, the last node needs. */
function pruned(program: Program): Program {
  const { gradient, nodes, inputs } = program;
  const first = firstResults(program);
  const needed = new Set(gradient ? [gradient.of, gradient.cotangent] : []);
  const dropped = new Set<number>();
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!;
    const last = !gradient && k === nodes.length - 1;
    if (last || node.results.some((_, i) => needed.has(first[k]! + i))) {
      for (const i of node.inputs) needed.add(i);
    } else {
      dropped.add(k);
    }
  }
  const idle = new Set([...inputs.keys()].filter((i) => !needed.has(i)));
  return without(program, dropped, idle);
}

function without(
  program: Program,
  nodes: ReadonlySet<number>,
  inputs: ReadonlySet<number>,
): Program {
  const numbers = new Map<number, number>();
  const first = firstResults(program);
  const keptInputs = program.inputs.filter((_, i) => {
    if (!inputs.has(i)) numbers.set(i, numbers.size);
    return !inputs.has(i);
  });
  const kept: ProgramNode[] = [];
  program.nodes.forEach((node, k) => {
    if (nodes.has(k)) return;
    kept.push({ ...node, inputs: node.inputs.map((i) => numbers.get(i)!) });
    node.results.forEach((_, i) => numbers.set(first[k]! + i, numbers.size));
  });
  const { gradient } = program;
  return {
    inputs: keptInputs,
    nodes: kept,
    ...(gradient && {
      gradient: {
        of: numbers.get(gradient.of)!,
        cotangent: numbers.get(gradient.cotangent)!,
        inputs: gradient.inputs.flatMap((i) => numbers.get(i) ?? []),
      },
    }),
  };
}

/** Inputs whose elements are easier to read. */
function* plainer(program: Program): Generator<Program> {
  const simplify: ((x: number) => number)[] = [() => 1, Math.round, (x) => Math.round(x * 8) / 8];
  for (const [i, input] of program.inputs.entries()) {
    if (input.dtype !== 'float32') continue;
    for (const f of simplify) {
      const values = input.values.map((x) => (typeof x === 'number' ? f(x) + 0 : x));
      if (String(values) === String(input.values)) continue;
      if (input.values.every((x) => typeof x === 'number' && Number.isInteger(x))) continue;
      yield { ...program, inputs: program.inputs.with(i, { ...input, values }) };
    }
  }
}
