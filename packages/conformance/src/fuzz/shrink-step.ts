/** Smaller steps that fail as a large one does. */
import { firstResults, type Program } from '../programs/program.js';
import type { Effect, StepProgram } from '../programs/step-program.js';
import { isUpdate } from '../programs/step-program.js';

/** Cuts a failing step down: effects, results, the gradient and nodes go, and inputs become arguments, as long as it fails. */
export async function shrinkStep(
  step: StepProgram,
  fails: (step: StepProgram) => Promise<boolean>,
): Promise<StepProgram> {
  let best = step;
  for (let found = true; found;) {
    found = false;
    for (const smaller of cuts(best)) {
      if (!(await fails(smaller))) continue;
      [best, found] = [smaller, true];
      break;
    }
  }
  return best;
}

/** Steps that are one cut smaller. */
function* cuts(step: StepProgram): Generator<StepProgram> {
  const { graph, roles, effects, outputs } = step;
  const usesGradients =
    outputs.some(({ of }) => of === 'gradient') ||
    effects.some(({ effect }) => isUpdate(effect) && effect.by.some(({ of }) => of === 'gradient'));
  if (graph.gradient && !usesGradients) {
    const { gradient: _, ...rest } = graph;
    yield { ...step, graph: rest };
  }
  for (let k = graph.nodes.length - 1; k >= 0; k--) {
    const less = withoutNode(step, k);
    if (less) yield less;
  }
  for (const k of effects.keys()) yield { ...step, effects: effects.filter((_, i) => i !== k) };
  for (const k of outputs.keys()) yield { ...step, outputs: outputs.filter((_, i) => i !== k) };
  for (const [i, role] of roles.entries()) {
    if (role !== 'argument' && !mentionsState(step, i))
      yield { ...step, roles: roles.with(i, 'argument') };
  }
}

/** Without node `k`, where nothing asks for its results. */
function withoutNode(step: StepProgram, k: number): StepProgram | undefined {
  const { graph, effects, outputs } = step;
  const first = firstResults(graph)[k]!;
  const count = graph.nodes[k]!.results.length;
  const isGone = (i: number): boolean => i >= first && i < first + count;
  const asked =
    graph.nodes.some(({ inputs }) => inputs.some(isGone)) ||
    effects.some(({ effect }) => valuesOf(effect).some(isGone)) ||
    outputs.some(({ of, index }) => of === 'value' && isGone(index)) ||
    (graph.gradient !== undefined && isGone(graph.gradient.of));
  if (asked) return undefined;
  const renumber = (i: number): number => (i < first ? i : i - count);
  const { gradient } = graph;
  const smaller: Program = {
    inputs: graph.inputs,
    nodes: graph.nodes
      .filter((_, i) => i !== k)
      .map((node) => ({ ...node, inputs: node.inputs.map(renumber) })),
    ...(gradient && { gradient: { ...gradient, of: renumber(gradient.of) } }),
  };
  return {
    ...step,
    graph: smaller,
    effects: effects.map(({ after, effect }) => ({
      after: after > k ? after - 1 : after,
      effect: renumbered(effect, renumber),
    })),
    outputs: outputs.map((output) =>
      output.of === 'value' ? { ...output, index: renumber(output.index) } : output,
    ),
  };
}

/** The values of the graph that an effect mentions. */
function valuesOf(effect: Effect): number[] {
  if (isUpdate(effect))
    return effect.by.flatMap(({ of, index }) => (of === 'value' ? [index] : []));
  return 'value' in effect ? [effect.value] : [];
}

function renumbered(effect: Effect, renumber: (i: number) => number): Effect {
  if (isUpdate(effect)) {
    const by = effect.by.map((x) => (x.of === 'value' ? { ...x, index: renumber(x.index) } : x));
    return { ...effect, by };
  }
  return 'value' in effect ? { ...effect, value: renumber(effect.value) } : effect;
}

function mentionsState({ roles, effects, outputs }: StepProgram, i: number): boolean {
  if (roles[i] !== 'state') return false;
  return (
    outputs.some(({ of, index }) => of === 'state' && index === i) ||
    effects.some(({ effect }) => {
      if (isUpdate(effect)) return effect.states.includes(i);
      return 'state' in effect && effect.state === i;
    })
  );
}
