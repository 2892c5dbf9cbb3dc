/** The update kernels against torch.optim's rules in float64, their gate and their Scalars. */
import {
  adamUpdate,
  averageUpdate,
  dispose,
  firstNonFinite,
  Scalar,
  scalar,
  sgdUpdate,
  State,
  tensor,
  type Tensor,
  tidy,
  zeros,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertIdentical, numbers, take, type Tolerance } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import type { GoldenUpdate } from '../golden/types.js';
import { updates as golden } from '../golden/updates.js';

/** Parameters and slots of one update rule, and the rule. */
export interface Rule {
  readonly states: readonly State[];
  readonly parameters: readonly State[];
  step(gradients: readonly Tensor[], gate?: Tensor): void;
}

const rules: Readonly<Record<string, (parameters: readonly State[]) => Rule>> = {
  sgd: (p) => sgd(p, {}),
  'sgd, weightDecay': (p) => sgd(p, { weightDecay: 0.05 }),
  'sgd, momentum': (p) => sgd(p, { momentum: 0.9 }),
  'sgd, nesterov': (p) => sgd(p, { momentum: 0.9, nesterov: true, weightDecay: 0.05 }),
  adam: (p) => adam(p, {}),
  'adam, weightDecay': (p) =>
    adam(p, { beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.05 }),
  'adam, decoupled': (p) => adam(p, { weightDecay: 0.05, decoupled: true }),
};

export function sgd(
  parameters: readonly State[],
  options: { momentum?: number; nesterov?: boolean; weightDecay?: number },
): Rule {
  const velocities = options.momentum ? parameters.map(zerosLike) : undefined;
  return {
    parameters,
    states: [...parameters, ...(velocities ?? [])],
    step: (gradients, gate) =>
      sgdUpdate({
        parameters,
        gradients,
        velocities,
        learningRate: new Scalar(0.1),
        gate,
        ...options,
      }),
  };
}

export function adam(
  parameters: readonly State[],
  options: {
    beta1?: number;
    beta2?: number;
    epsilon?: number;
    weightDecay?: number;
    decoupled?: boolean;
  },
): Rule {
  const firstMoments = parameters.map(zerosLike);
  const secondMoments = parameters.map(zerosLike);
  const step = tidy(() => new State(scalar(0, 'int32')));
  const rates = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
  return {
    parameters,
    states: [...parameters, ...firstMoments, ...secondMoments, step],
    step: (gradients, gate) =>
      adamUpdate({ parameters, gradients, firstMoments, secondMoments, step, gate, ...rates }),
  };
}

export function updates(tolerance: Tolerance): Check[] {
  const checks = Object.entries(golden).flatMap(([name, update]): Check[] => [
    {
      name: `${name}: five steps are PyTorch's`,
      async run() {
        const rule = rules[name]!(startOf(update));
        for (const [s, gradients] of update.gradients.entries()) {
          const grads = tensorsOf(update, gradients);
          await assertNoLeak(`Step ${s + 1}`, () => rule.step(grads));
          for (const [i, p] of rule.parameters.entries()) {
            const what = `Parameter ${i} after step ${s + 1}`;
            assertClose(what, await take(p.value), update.after[s]![i]!, tolerance);
          }
          dispose(grads);
        }
        dispose(rule.states);
      },
    },
    {
      name: `${name}: a shut gate changes nothing, an open one all`,
      async run() {
        const rule = rules[name]!(startOf(update));
        const open = scalar(-1, 'int32');
        const grads = tensorsOf(update, update.gradients[0]!);
        rule.step(grads, open);
        assertClose(
          'Parameter 0',
          await take(rule.parameters[0]!.value),
          update.after[0]![0]!,
          tolerance,
        );
        const before = await all(rule.states);
        const poisoned = grads.map((g) =>
          tidy(() => tensor(new Float32Array(g.size).fill(Number.NaN), g.shape)),
        );
        const shut = firstNonFinite([...grads, ...poisoned]);
        rule.step(poisoned, shut);
        for (const [i, values] of (await all(rule.states)).entries()) {
          assertIdentical(`State ${i} behind a shut gate`, values, before[i]!);
        }
        dispose([open, shut, grads, poisoned, rule.states]);
      },
    },
  ]);
  return [...checks, scalarIsReadAnew, averages];
}

const scalarIsReadAnew: Check = {
  name: 'a Scalar is read anew in every update',
  async run() {
    const p = tidy(() => new State(tensor([1])));
    const g = tensor([1]);
    const learningRate = new Scalar(0.5);
    sgdUpdate({ parameters: [p], gradients: [g], learningRate });
    learningRate.value = 0.25;
    sgdUpdate({ parameters: [p], gradients: [g], learningRate });
    assertIdentical('The parameter', await take(p.value), [0.25]);
    dispose([p, g]);
  },
};

const averages: Check = {
  name: 'averages move by their weight, and stay where the new value is not finite',
  async run() {
    const [mean, variance] = tidy(() => [
      new State(tensor([1, 2, -4])),
      new State(tensor([[8], [Infinity]])),
    ]) as [State, State];
    const values = [tensor([3, Number.NaN, -4]), tensor([[2], [5]])];
    const weight = new Scalar(0.25);
    const update = (): void =>
      averageUpdate({ averages: [mean, variance], values, weight, scales: [1, 2] });
    await assertNoLeak('The update', update);
    assertIdentical('The mean', await take(mean.value), [1.5, 2, -4]);
    assertIdentical('The variance', await take(variance.value), [7, Infinity]);
    weight.value = 1;
    update();
    assertIdentical('The mean, replaced', await take(mean.value), [3, 2, -4]);
    assertIdentical('The variance, replaced', await take(variance.value), [4, Infinity]);
    dispose([mean, variance, values]);
  },
};

/** Fresh States with the golden update's first parameters. */
export function startOf(update: GoldenUpdate): State[] {
  return tidy(() => tensorsOf(update, update.start).map((t) => new State(t)));
}

function tensorsOf({ shapes }: GoldenUpdate, values: readonly (readonly number[])[]): Tensor[] {
  return values.map((v, i) => tensor(v, shapes[i]!));
}

function zerosLike(state: State): State {
  return tidy(() => new State(zeros(state.shape)));
}

async function all(states: readonly State[]): Promise<ArrayLike<number>[]> {
  const values: ArrayLike<number>[] = [];
  for (const state of states) {
    const t = state.value;
    values.push(Array.from(await numbers(t)));
    t.dispose();
  }
  return values;
}
