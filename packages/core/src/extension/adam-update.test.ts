import { beforeAll, expect, it } from 'vitest';
import golden from '../../test/golden/extension.json' with { type: 'json' };
import { testEngine } from '../../test/test-engine.js';
import { scalar, tensor, zeros } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import { Scalar } from '../state/scalar.js';
import { State } from '../state/state.js';
import { use } from '../use.js';
import { type AdamUpdate, adamUpdate } from './adam-update.js';

beforeAll(async () => {
  await use(testEngine());
});

const list = async (state: State): Promise<number[]> =>
  Array.from((await State.heldBy(state).data()) as Float32Array);
const close = (values: readonly unknown[], digits: number): unknown[] =>
  (values.flat(9) as number[]).map((v) => expect.closeTo(v, digits));

const cases = [
  ...golden.adam.map((g) => ({ ...g, decoupled: false })),
  ...golden.adamw.map((g) => ({ ...g, decoupled: true })),
];

it.each(cases)('agrees with torch over five steps: $options, decoupled $decoupled', async (g) => {
  const {
    lr,
    betas,
    eps,
    weight_decay = 0,
  } = g.options as {
    lr: number;
    betas: [number, number];
    eps: number;
    weight_decay?: number;
  };
  const parameters = g.start.map((p) => new State(tensor(p)));
  const firstMoments = parameters.map((p) => new State(zeros(p.shape)));
  const secondMoments = parameters.map((p) => new State(zeros(p.shape)));
  const step = new State(scalar(0, 'int32'));
  for (const [i, gradients] of g.gradients.entries()) {
    tidy(() =>
      adamUpdate({
        parameters,
        gradients: gradients.map((v) => tensor(v)),
        firstMoments,
        secondMoments,
        step,
        learningRate: new Scalar(lr),
        beta1: betas[0],
        beta2: betas[1],
        epsilon: eps,
        weightDecay: weight_decay,
        decoupled: g.decoupled,
      }),
    );
    for (const [j, p] of parameters.entries())
      expect(await list(p)).toEqual(close(g.after[i]![j]!, 6));
  }
  for (let j = 0; j < 2; j++) {
    expect(await list(firstMoments[j]!)).toEqual(close(g.exp_avg[j]!, 6));
    expect(await list(secondMoments[j]!)).toEqual(close(g.exp_avg_sq[j]!, 7));
  }
  expect(await list(step)).toEqual([5]);
});

function fresh(): AdamUpdate & { parameters: State[] } {
  return {
    parameters: [new State(tensor([1, -2]))],
    gradients: [tensor([0.5, 4])],
    firstMoments: [new State(zeros([2]))],
    secondMoments: [new State(zeros([2]))],
    step: new State(scalar(0, 'int32')),
    learningRate: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 0,
  };
}

it('moves each element by the learning rate in the first step, whatever its gradient', async () => {
  // 1 − 0.999^1 in float32 has five digits right, which would show in the sixth decimal here.
  const update = fresh();
  adamUpdate(update);
  expect(await list(update.parameters[0]!)).toEqual([0.9, -2.1].map((v) => expect.closeTo(v, 6)));
});

it('keeps its precision after many steps', async () => {
  const update = { ...fresh(), step: new State(scalar(999_999, 'int32')) };
  adamUpdate(update);
  // m = 0.1·g, v = 0.001·g²; both corrections are 1 by now.
  const move = (0.1 * 0.1) / Math.sqrt(0.001);
  expect(await list(update.parameters[0]!)).toEqual(
    [1 - move, -2 - move].map((v) => expect.closeTo(v, 6)),
  );
  expect(await list(update.step)).toEqual([1_000_000]);
});

it('changes nothing, the step neither, when the gate is shut', async () => {
  const update = {
    ...fresh(),
    gradients: [tensor([Number.NaN, 1])],
    weightDecay: 0.1,
    decoupled: true,
  };
  const everything = async (): Promise<unknown> =>
    Promise.all(
      [update.parameters[0]!, update.firstMoments[0]!, update.secondMoments[0]!, update.step].map(
        list,
      ),
    );
  adamUpdate({ ...update, gate: scalar(0, 'int32') });
  expect(await everything()).toEqual([[1, -2], [0, 0], [0, 0], [0]]);
  adamUpdate({ ...update, gate: scalar(-1, 'int32') });
  expect(await everything()).not.toEqual([[1, -2], [0, 0], [0, 0], [0]]);
  expect(await list(update.step)).toEqual([1]);
});

it('says what is wrong with an argument, and changes nothing', async () => {
  const update = fresh();
  const with_ = (changes: Partial<AdamUpdate>) => () => adamUpdate({ ...update, ...changes });
  expect(with_({ beta1: 1 })).toThrow(/beta1.*\[0, 1\).*1/);
  expect(with_({ beta2: -0.1 })).toThrow(ConfigError);
  expect(with_({ epsilon: Number.NaN })).toThrow(ConfigError);
  expect(with_({ step: new State(scalar(0)) })).toThrow(ShapeError);
  expect(with_({ step: new State(zeros([1], 'int32')) })).toThrow(/int32 scalar.*\[1\]/);
  expect(with_({ step: undefined as unknown as State })).toThrow(/step is undefined/);
  expect(with_({ firstMoments: update.secondMoments })).toThrow(
    /secondMoments\[0\] is the same State as firstMoments\[0\]/,
  );
  expect(with_({ secondMoments: [new State(zeros([3]))] })).toThrow(/secondMoments.*\[2\].*\[3\]/);
  expect(await list(update.parameters[0]!)).toEqual([1, -2]);
  expect(await list(update.step)).toEqual([0]);
});
