/** What happens between the nodes of a step. */
import {
  adamUpdate,
  add,
  assign,
  averageUpdate,
  dropout,
  firstNonFinite,
  mul,
  sgdUpdate,
  sub,
  type Tensor,
} from '@stratajs/core';
import type { StepHoldings } from './step-holdings.js';
import type { Effect, Update } from './step-program.js';

const ARITHMETIC = { add, mul, sub } as const;

/**
 * @param all the values so far, some of which an effect changes for what comes.
 * @param gradients by number of the input, where they are there.
 * @returns what it draws for the step to return.
 */
export function applyEffect(
  effect: Effect,
  holdings: StepHoldings,
  all: Tensor[],
  gradients: ReadonlyMap<number, Tensor>,
): Tensor[] {
  const { states, rngs, scalars } = holdings;
  switch (effect.kind) {
    case 'assign':
      assign(states.get(effect.state)!, all[effect.value]!);
      return [];
    case 'read':
      all[effect.state] = states.get(effect.state)!.value;
      return [];
    case 'dropout': {
      const { value, rate } = effect;
      all[value] = dropout(all[value]!, rate, { rng: rngs[effect.rng]! });
      return [];
    }
    case 'noise': {
      const x = all[effect.value]!;
      all[effect.value] = add(x, rngs[effect.rng]![effect.how](x.shape));
      return [];
    }
    case 'scale':
      all[effect.value] = ARITHMETIC[effect.how](all[effect.value]!, scalars[effect.scalar]!);
      return [];
    case 'draw': {
      const { shape, how } = effect;
      const rng = rngs[effect.rng]!;
      if (how === 'integers') return [rng.integers(shape, { min: -9, max: 1000 })];
      return [rng.bernoulli(shape, 0.3)];
    }
    default:
      applyUpdate(effect, holdings, all, gradients);
      return [];
  }
}

function applyUpdate(
  update: Update,
  { states, slots, scalars }: StepHoldings,
  all: readonly Tensor[],
  ofInputs: ReadonlyMap<number, Tensor>,
): void {
  const parameters = update.states.map((i) => states.get(i)!);
  const gradients = update.by.map(({ of, index }) =>
    of === 'value' ? all[index]! : ofInputs.get(index)!,
  );
  if (update.kind === 'average') {
    const scales = parameters.map((_, i) => 1 + i / 4);
    const weight = scalars[update.weight]!;
    averageUpdate({ averages: parameters, values: gradients, weight, scales });
    return;
  }
  const { first, second, step } = slots.get(update)!;
  const { weightDecay } = update;
  const learningRate = scalars[update.learningRate]!;
  const gate = update.gated ? firstNonFinite(gradients) : undefined;
  const common = { parameters, gradients, learningRate, weightDecay, gate };
  if (update.kind === 'sgd') {
    const { momentum, nesterov } = update;
    const velocities = momentum > 0 ? first : undefined;
    sgdUpdate({ ...common, momentum, nesterov, velocities });
  } else {
    const { decoupled } = update;
    const rates = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decoupled };
    adamUpdate({ ...common, ...rates, firstMoments: first, secondMoments: second, step });
  }
}
