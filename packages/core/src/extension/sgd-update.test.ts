import { beforeAll, expect, it } from 'vitest';
import golden from '../../test/golden/extension.json' with { type: 'json' };
import { testEngine } from '../../test/test-engine.js';
import { ones, scalar, tensor, zeros } from '../create.js';
import { ConfigError } from '../errors.js';
import { tidy } from '../memory.js';
import { Scalar } from '../state/scalar.js';
import { State } from '../state/state.js';
import { use } from '../use.js';
import { sgdUpdate } from './sgd-update.js';

beforeAll(async () => {
  await use(testEngine());
});

const list = async (state: State): Promise<number[]> =>
  Array.from((await State.heldBy(state).data()) as Float32Array);
const close = (values: readonly unknown[]): unknown[] =>
  (values.flat(9) as number[]).map((v) => expect.closeTo(v, 5));

it.each(golden.sgd)('agrees with torch.optim.SGD over five steps: $options', async (g) => {
  const options: Partial<Record<string, number | boolean>> = g.options;
  const parameters = g.start.map((p) => new State(tensor(p)));
  const momentum = options['momentum'] as number | undefined;
  const velocities =
    momentum === undefined ? undefined : parameters.map((p) => new State(zeros(p.shape)));
  const learningRate = new Scalar(9);
  for (const [i, step] of g.gradients.entries()) {
    learningRate.value = options['lr'] as number; // read when the update runs
    tidy(() =>
      sgdUpdate({
        parameters,
        gradients: step.map((v) => tensor(v)),
        velocities,
        learningRate,
        momentum: momentum ?? 0,
        nesterov: options['nesterov'] === true,
        weightDecay: (options['weight_decay'] as number | undefined) ?? 0,
      }),
    );
    for (const [j, p] of parameters.entries())
      expect(await list(p)).toEqual(close(g.after[i]![j]!));
  }
  for (const [j, v] of (velocities ?? []).entries()) {
    expect(await list(v)).toEqual(
      close((g as { momentum_buffer?: unknown[][] }).momentum_buffer![j]!),
    );
  }
});

it('changes nothing when the gate is shut', async () => {
  const [p, v] = [new State(tensor([1, 2])), new State(tensor([3, 4]))];
  const step = (gate: number): void =>
    sgdUpdate({
      parameters: [p],
      gradients: [tensor([1, Number.NaN])],
      velocities: [v],
      learningRate: 0.5,
      momentum: 0.5,
      weightDecay: 0.25,
      gate: scalar(gate, 'int32'),
    });
  for (const gate of [0, 7]) step(gate);
  expect([await list(p), await list(v)]).toEqual([
    [1, 2],
    [3, 4],
  ]);
  step(-1); // d = 1 + 0.25·1, v = 1.5 + d
  expect([(await list(p))[0], (await list(v))[0]]).toEqual([1 - 0.5 * 2.75, 2.75]);
  expect((await list(p))[1]).toBeNaN();
});

it('says what is wrong with an argument, and changes nothing', async () => {
  const p = new State(tensor([1]));
  const base = { parameters: [p], gradients: [tensor([1])], learningRate: 0.1 };
  expect(() => sgdUpdate({ ...base, momentum: 0.9 })).toThrow(/velocities.*momentum 0\.9/);
  expect(() => sgdUpdate({ ...base, momentum: new Scalar(0) })).toThrow(ConfigError);
  expect(() => sgdUpdate({ ...base, learningRate: -1 })).toThrow(
    /learningRate.*\[0, Infinity\).*-1/,
  );
  expect(() => sgdUpdate({ ...base, learningRate: Number.NaN })).toThrow(ConfigError);
  expect(() => sgdUpdate({ ...base, learningRate: undefined as unknown as number })).toThrow(
    ConfigError,
  );
  expect(() => sgdUpdate({ ...base, momentum: 1, velocities: [new State(zeros([1]))] })).toThrow(
    /momentum.*\[0, 1\)/,
  );
  expect(() => sgdUpdate({ ...base, weightDecay: new Scalar(-0.1) })).toThrow(/weightDecay/);
  expect(() => sgdUpdate({ ...base, velocities: [] })).toThrow(
    /as many velocities.*Expected: 1. Received: 0/,
  );
  expect(await list(p)).toEqual([1]);
});

it('updates parameters of any rank, empty ones too, with a gate and without', async () => {
  const shapes = [[], [0], [1, 2, 1, 2, 1]];
  const parameters = shapes.map((shape) => new State(ones(shape)));
  const gradients = shapes.map((shape) => ones(shape));
  for (const gate of [undefined, scalar(4, 'int32'), scalar(-1, 'int32')]) {
    sgdUpdate({ parameters, gradients, learningRate: 0.25, gate });
  }
  expect(parameters.map((p) => State.heldBy(p).shape)).toEqual(shapes);
  expect(await Promise.all(parameters.map(list))).toEqual([[0.5], [], [0.5, 0.5, 0.5, 0.5]]);
});
