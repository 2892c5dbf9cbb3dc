/** Programs on the engine that is open. */
import {
  customGrad,
  identity,
  mul,
  StrataError,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
} from '@stratajs/core';
import { type Elements, elementsOf } from './elements.js';
import { programOps } from './ops/table.js';
import {
  firstResults,
  type Program,
  type ProgramNode,
  type Signature,
  upstream,
} from './program.js';

/** What a program gives. */
export interface ProgramResult {
  /** The elements of every value, by its number. */
  readonly values: readonly Elements[];
  /** Of every input that the gradient is taken of. */
  readonly gradients: readonly Elements[];
}

/** The elements that each value is to have, whatever was computed; undefined where that is to stay. */
type Forced = readonly Elements[] | undefined;

/**
 * Runs a program as one graph: all values live until the end, and only then are read.
 *
 * @throws StrataError when a result has another shape or dtype than the program says.
 */
export async function runProgram(program: Program): Promise<ProgramResult> {
  const values = tidy(() => {
    const all = tensorsOf(program.inputs, program.inputs.map(elementsOf));
    for (const node of program.nodes) all.push(...applyNode(node, all));
    return all;
  });
  return {
    values: await takeAll(values),
    gradients: await takeAll(gradientsOf(program, undefined)),
  };
}

/**
 * Runs each node on its own, on new tensors that hold `values`; then the gradient, along a graph whose
 * values are replaced by `values` in passing. What an operation gives depends on its own arguments
 * alone, then: no error of one reaches the next, and a tie or a kink falls alike on all engines.
 */
export async function runForced(
  program: Program,
  values: readonly Elements[],
): Promise<ProgramResult> {
  const all = values.slice(0, program.inputs.length);
  for (const node of program.nodes) {
    const results = tidy(() => {
      const known = signaturesOf(program).map((signature, i) =>
        node.inputs.includes(i) ? tensorsOf([signature], [values[i]!])[0]! : undefined,
      );
      return applyNode(node, known as Tensor[]);
    });
    all.push(...(await takeAll(results)));
  }
  return { values: all, gradients: await takeAll(gradientsOf(program, values)) };
}

/** Runs one node on the values before it, and checks what comes out. */
export function applyNode(node: ProgramNode, values: readonly Tensor[]): Tensor[] {
  const entry = programOps[node.op];
  if (!entry) throw new StrataError(`Programs hold no operation '${node.op}'.`);
  const xs = node.inputs.map((i) => values[i]!);
  const results = [entry.apply(xs as [Tensor, Tensor, Tensor], node.options)].flat() as Tensor[];
  const received = results.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`).join('; ');
  const expected = node.results
    .map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`)
    .join('; ');
  if (received !== expected) {
    throw new StrataError(
      `${node.op}() gave a wrong shape or dtype. Expected: ${expected}. Received: ${received}.`,
    );
  }
  return results;
}

function gradientsOf(program: Program, forced: Forced): Tensor[] {
  const { inputs, gradient } = program;
  if (!gradient) return [];
  return tidy(() => {
    const given = tensorsOf(inputs, inputs.map(elementsOf));
    const loss = (...xs: Tensor[]): Tensor => {
      const all = given.slice();
      gradient.inputs.forEach((i, k) => (all[i] = xs[k]!));
      forward(program, all, forced);
      return sum(mul(all[gradient.of]!, all[gradient.cotangent]!));
    };
    const { value, grads } = valueAndGrad(loss)(...gradient.inputs.map((i) => given[i]!));
    value.dispose();
    return grads;
  });
}

/** Adds the results of all nodes that the gradient needs to `all`. */
function forward(program: Program, all: Tensor[], forced: Forced): void {
  const first = firstResults(program);
  const needed = upstream(program, program.gradient!.of);
  program.nodes.forEach((node, k) => {
    if (!needed.has(k)) {
      all.push(...node.results.map(() => undefined as unknown as Tensor));
      return;
    }
    applyNode(node, all).forEach((result, i) => {
      const elements = forced?.[first[k]! + i];
      all.push(elements ? replaced(result, elements) : result);
    });
  });
}

/** Other elements in place of a result; the gradient passes as if they were its own. */
function replaced(result: Tensor, elements: Elements): Tensor {
  const [held] = tensorsOf([result as Signature], [elements]) as [Tensor];
  if (result.dtype !== 'float32') return held;
  return customGrad(() => ({ value: identity(held), gradient: (dy) => identity(dy) }))(result);
}

function signaturesOf(program: Program): Signature[] {
  return [...program.inputs, ...program.nodes.flatMap((node) => node.results)];
}

function tensorsOf(signatures: readonly Signature[], elements: readonly Elements[]): Tensor[] {
  return signatures.map(({ shape, dtype }, i) => tensor(elements[i]!, shape, dtype));
}

async function takeAll(tensors: readonly Tensor[]): Promise<Elements[]> {
  const elements: Elements[] = [];
  for (const t of tensors) elements.push((await t.data()) as Elements);
  for (const t of tensors) t.dispose();
  return elements;
}
