/** A step as a function of its arguments, which may be compiled. */
import { constant, mul, Parameter, sum, type Tensor, valueAndGrad } from '@stratajs/core';
import { elementsOf } from './elements.js';
import { applyNode } from './run.js';
import { applyEffect } from './step-effects.js';
import type { StepHoldings } from './step-holdings.js';
import { changesValue, type Effect, isUpdate, type StepProgram } from './step-program.js';

/** What a step returns: tensors in several structures, and nothing. */
export interface StepResult {
  readonly values: Tensor[];
  readonly others: { readonly drawn: Tensor[]; readonly nothing: null };
}

const NONE: ReadonlyMap<number, Tensor> = new Map();

export function stepFunction(
  program: StepProgram,
  holdings: StepHoldings,
): (...args: Tensor[]) => StepResult {
  const { outputs } = program;
  return (...args) => {
    const all = inputsOf(program, holdings, args);
    const drawn: Tensor[] = [];
    const early = (effect: Effect): boolean => !needsGradients(effect);
    walk(program, all, early, (effect) => drawn.push(...applyEffect(effect, holdings, all, NONE)));
    const gradients = gradientsOf(program, holdings, args);
    for (const { effect } of program.effects) {
      if (needsGradients(effect)) applyEffect(effect, holdings, all, gradients);
    }
    const values = outputs.map(({ of, index }) => {
      if (of === 'state') return holdings.states.get(index)!.value;
      return of === 'value' ? all[index]! : gradients.get(index)!;
    });
    return { values, others: { drawn, nothing: null } };
  };
}

/** Adds the results of all nodes to `all`, the effects that are wanted in between. */
function walk(
  { graph, effects }: StepProgram,
  all: Tensor[],
  wanted: (effect: Effect) => boolean,
  apply: (effect: Effect) => void,
): void {
  for (let after = 0; after <= graph.nodes.length; after++) {
    for (const entry of effects) {
      if (entry.after === after && wanted(entry.effect)) apply(entry.effect);
    }
    if (after < graph.nodes.length) all.push(...applyNode(graph.nodes[after]!, all));
  }
}

function inputsOf(
  { graph, roles }: StepProgram,
  { states, captured }: StepHoldings,
  args: readonly Tensor[],
): Tensor[] {
  let next = 0;
  return graph.inputs.map((input, i) => {
    if (roles[i] === 'argument') return args[next++]!;
    if (roles[i] === 'state') return states.get(i)!.value;
    if (roles[i] === 'captured') return captured.get(i)!;
    return constant(elementsOf(input), input.shape, input.dtype);
  });
}

/** By number of the input: of Parameters as of those of a model, of others as of arguments. */
function gradientsOf(
  program: StepProgram,
  holdings: StepHoldings,
  args: readonly Tensor[],
): ReadonlyMap<number, Tensor> {
  const { gradient } = program.graph;
  if (!gradient) return NONE;
  const found = new Map<number, Tensor>();
  const parameters = gradient.inputs.flatMap((i) => {
    const state = holdings.states.get(i);
    return state instanceof Parameter ? [[String(i), state] as const] : [];
  });
  if (parameters.length > 0) {
    const model = { namedParameters: () => new Map(parameters).entries() };
    const loss = (): Tensor => lossOf(program, holdings, inputsOf(program, holdings, args));
    const { grads } = valueAndGrad(loss, model)();
    for (const [i] of parameters) found.set(Number(i), grads[i]!);
  }
  const others = gradient.inputs.filter((i) => !holdings.states.has(i));
  if (others.length > 0) {
    const given = inputsOf(program, holdings, args);
    const { grads } = valueAndGrad((...xs: Tensor[]) => {
      const all = given.slice();
      others.forEach((i, k) => (all[i] = xs[k]!));
      return lossOf(program, holdings, all);
    })(...others.map((i) => given[i]!));
    others.forEach((i, k) => found.set(i, grads[k]!));
  }
  return found;
}

/** Σ cotangent · value, along the graph with the effects that change values. */
function lossOf(program: StepProgram, holdings: StepHoldings, all: Tensor[]): Tensor {
  walk(program, all, changesValue, (effect) => applyEffect(effect, holdings, all, NONE));
  const { of, cotangent } = program.graph.gradient!;
  return sum(mul(all[of]!, all[cotangent]!));
}

function needsGradients(effect: Effect): boolean {
  return isUpdate(effect) && effect.by.some(({ of }) => of === 'gradient');
}
