/**
 * A program: a graph of operations of core as plain JSON data, for any engine to run.
 *
 * Its values are numbered: the inputs first, then the results of each node in turn. Every value is an
 * output.
 */

/** Element types of programs. */
export type ProgramDType = 'float32' | 'int32' | 'bool';

export interface Signature {
  readonly shape: readonly number[];
  readonly dtype: ProgramDType;
}

export interface ProgramInput extends Signature {
  /** Row-major. What JSON cannot say is text: 'NaN', 'Infinity', '-Infinity', '-0'. */
  readonly values: readonly (number | string)[];
}

export interface ProgramNode {
  /** The name under which core exports the operation. */
  readonly op: string;
  /** Numbers of the values that it takes. */
  readonly inputs: readonly number[];
  /** All other arguments, as `apply` of the operation's entry in the table reads them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What it must give: part of the program, so that every runner checks it. */
  readonly results: readonly Signature[];
}

/** The gradient of Σ cotangent · value with respect to some inputs. */
export interface ProgramGradient {
  readonly of: number;
  /** Number of the input that holds the cotangent. */
  readonly cotangent: number;
  /** Numbers of float32 inputs; those that `of` does not depend on have gradient zero. */
  readonly inputs: readonly number[];
}

export interface Program {
  readonly inputs: readonly ProgramInput[];
  readonly nodes: readonly ProgramNode[];
  readonly gradient?: ProgramGradient;
}

/** The signature of every value, by its number. */
export function signatures(program: Program): Signature[] {
  return [...program.inputs, ...program.nodes.flatMap((node) => node.results)];
}

/** For each node, the number of its first result. */
export function firstResults(program: Program): number[] {
  let next = program.inputs.length;
  return program.nodes.map((node) => {
    const first = next;
    next += node.results.length;
    return first;
  });
}

/** The indices of the nodes that a value depends on. */
export function upstream({ inputs, nodes }: Program, value: number): Set<number> {
  const first = firstResults({ inputs, nodes });
  const needed = new Set([value]);
  const found = new Set<number>();
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!;
    if (!node.results.some((_, i) => needed.has(first[k]! + i))) continue;
    found.add(k);
    for (const i of node.inputs) needed.add(i);
  }
  return found;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, d) => size * d, 1);
}
