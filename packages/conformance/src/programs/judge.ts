/** A program on the engine that is open, against what it ought to give. */
import { memory } from '@stratajs/core';
import { decode, type Elements, shortest } from './elements.js';
import { firstResults, type Program, type Signature, signatures, upstream } from './program.js';
import { type ProgramResult, runForced, runProgram } from './run.js';

/** What a value ought to be. */
export interface Expected {
  /** The elements as base64 of their bytes, little end first. */
  readonly data: string;
  /** The allowed difference, relative to each element … */
  readonly relative: number;
  /** … plus this; both 0 where it is to be exact. */
  readonly absolute: number;
}

/**
 * What each value of a program ought to be, computed from the *expected* elements of the values before
 * it (so that no rounding error reaches the next operation), and each gradient, along these values.
 */
export interface Expectation {
  readonly values: readonly Expected[];
  readonly gradients: readonly Expected[];
}

/** Something that a program did wrong. */
export interface Mismatch {
  /** The operation, or 'gradient', 'leak', 'error (…)'. */
  readonly where: string;
  readonly message: string;
}

export interface JudgeOptions {
  /**
   * Operations whose small results the engine makes 0, and how far off that is: allowed beside each of their
   * tolerances that is not 0, and beside those of gradients that run through them. Of all other operations
   * 4 times the least positive number is allowed, 2⁻¹⁴⁷.
   */
  readonly underflow?: Readonly<Record<string, number>>;
}

/** Runs a program in three ways and compares; says what is wrong, and nothing when all is well. */
export async function judgeProgram(
  program: Program,
  expectation: Expectation,
  { underflow = {} }: JudgeOptions = {},
): Promise<Mismatch[]> {
  const before = memory().numTensors;
  const found: Mismatch[] = [];
  try {
    found.push(...(await againstOracle(program, allowing(program, expectation, underflow))));
    found.push(...(await againstItself(program)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    found.push({ where: `error (${message.slice(0, 40)})`, message });
    return found;
  }
  const left = memory().numTensors - before;
  if (left !== 0) found.push({ where: 'leak', message: `It leaves ${left} tensors alive.` });
  return found;
}

function allowing(
  program: Program,
  { values, gradients }: Expectation,
  underflow: Readonly<Record<string, number>>,
): Expectation {
  const allow = (expected: Expected, more: number): Expected =>
    isExact(expected) ? expected : { ...expected, absolute: expected.absolute + more };
  const of = (op: string): number => underflow[op] ?? TINY;
  const names = valueNames(program);
  const along = program.gradient
    ? [...upstream(program, program.gradient.of)].map((k) => of(program.nodes[k]!.op))
    : [];
  const most = Math.max(TINY, ...along);
  return {
    values: values.map((expected, i) => allow(expected, of(names[i]!))),
    gradients: gradients.map((expected) => allow(expected, most)),
  };
}

function isExact({ relative, absolute }: Omit<Expected, 'data'>): boolean {
  return relative === 0 && absolute === 0;
}

async function againstOracle(program: Program, expectation: Expectation): Promise<Mismatch[]> {
  const all = signatures(program);
  const expected = expectation.values.map(({ data }, i) => decode(data, all[i]!.dtype));
  const result = await runForced(program, expected);
  const names = valueNames(program);
  const values = expectation.values.flatMap((allowed, i) =>
    compare(names[i]!, all[i]!, result.values[i]!, expected[i]!, allowed),
  );
  const gradients = (program.gradient?.inputs ?? []).flatMap((input, i) => {
    const allowed = expectation.gradients[i]!;
    const elements = decode(allowed.data, 'float32');
    return compare(
      'gradient',
      all[input]!,
      result.gradients[i]!,
      elements,
      allowed,
      ` of input ${input}`,
    );
  });
  return [...values, ...gradients];
}

/** The same graph twice: as one run, and node by node from the values of that run. Bit for bit. */
async function againstItself(program: Program): Promise<Mismatch[]> {
  const whole = await runProgram(program);
  const apart: ProgramResult = await runForced(program, whole.values);
  const names = valueNames(program);
  const all = signatures(program);
  const exact = { relative: 0, absolute: 0 };
  const again = ', run as one graph and node by node';
  return [
    ...whole.values.flatMap((elements, i) =>
      compare(names[i]!, all[i]!, elements, apart.values[i]!, exact, again),
    ),
    ...(program.gradient?.inputs ?? []).flatMap((input, i) =>
      compare('gradient', all[input]!, whole.gradients[i]!, apart.gradients[i]!, exact, again),
    ),
  ];
}

/** For each value, the operation that it comes from. */
function valueNames(program: Program): string[] {
  const names = program.inputs.map(() => 'input');
  const first = firstResults(program);
  program.nodes.forEach((node, k) =>
    node.results.forEach((_, i) => (names[first[k]! + i] = node.op)),
  );
  return names;
}

/** One subnormal number, or a few: what rounding may cost next to zero. */
const TINY = 4 * 2 ** -149;

function compare(
  where: string,
  { shape, dtype }: Signature,
  received: Elements,
  expected: Elements,
  allowed: Omit<Expected, 'data'>,
  how: string = '',
): Mismatch[] {
  const { relative, absolute } = allowed;
  const inexact = dtype === 'float32' && !isExact(allowed);
  let worst = -1;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const [r, e] = [received[i]!, expected[i]!];
    // Signs of zeros are compared where the sign of the reciprocal is: nowhere else.
    if (r === e || (r !== r && e !== e)) continue;
    const excess = Math.abs(r - e) - (inexact ? relative * Math.abs(e) + absolute : 0);
    if (excess <= 0) continue;
    if (worst < 0 || !(excess <= most)) [worst, most] = [i, excess];
  }
  if (received.length === expected.length && worst < 0) return [];
  const show = (elements: Elements): string => {
    const from = Math.max(0, Math.min(worst - 4, elements.length - 9));
    const some = shortest(elements.subarray(from, from + 9)).join(', ');
    return elements.length > 9 ? `elements ${from} to ${from + 8}: ${some}` : some;
  };
  const rule = inexact
    ? `allowed: ${relative.toPrecision(2)} relative + ${absolute.toPrecision(2)}`
    : 'it is to be exact';
  return [
    {
      where,
      message:
        `${where}${how} ${dtype} [${shape.join(', ')}]: element ${worst} differs (${rule}). ` +
        `Expected: ${show(expected)}. Received: ${show(received)}.`,
    },
  ];
}
