import { type KernelFunc, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { valueAndGrad } from '../autodiff/gradients.js';
import { scalar, tensor, zeros } from '../create.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { square, sum } from '../ops/index.js';
import { Parameter } from '../state/parameter.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { adamUpdate } from './adam-update.js';
import { sgdUpdate } from './sgd-update.js';

const list = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const dataId = (state: State): unknown => (State.heldBy(state) as unknown as TensorInfo).dataId;

/** SGD on the host that writes into the parameter's buffer where it may, as an engine of its own would. */
let fault: 'none' | 'throws' | 'too few' = 'none';
const inPlace = (({ inputs, attrs, backend }) => {
  const engine = backend as {
    refCount(id: object): number;
    incRef(id: object): void;
    data: { get(id: object): { values: Float32Array } };
    makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
  };
  if (fault === 'throws') throw new Error('kernel failed');
  const { count, learningRate } = attrs as unknown as { count: number; learningRate: number };
  const outputs: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [p, g] = [inputs[`p${i}`]!, inputs[`g${i}`]!];
    const [old, slope] = [engine.data.get(p.dataId).values, engine.data.get(g.dataId).values];
    const donated = engine.refCount(p.dataId) === 1;
    const next = donated ? old : old.slice();
    for (let k = 0; k < next.length; k++) next[k]! -= learningRate * slope[k]!;
    if (donated) engine.incRef(p.dataId);
    outputs.push(donated ? p : engine.makeTensorInfo(p.shape, 'float32', next));
  }
  return (fault === 'too few' ? outputs.slice(1) : outputs).map(({ dataId, shape, dtype }) => ({
    dataId,
    shape,
    dtype,
  }));
}) as KernelFunc;

const composite = testEngine();
const donating = testEngine('test-donating', () =>
  registerKernel({
    kernelName: 'StrataSgdUpdate',
    backendName: 'test-donating',
    kernelFunc: inPlace,
  }),
);

describe.each([composite, donating])('on $name', (plugin) => {
  beforeEach(async () => {
    fault = 'none';
    await use(plugin);
  });

  it('leaves what was read before as it was', async () => {
    const p = new State(tensor([1, 2]));
    const held = p.value;
    const gradients = [tensor([10, 10])];
    sgdUpdate({ parameters: [p], gradients, learningRate: 0.1 });
    expect([await list(held), await list(p.value)]).toEqual([
      [1, 2],
      [0, 1],
    ]);
    sgdUpdate({ parameters: [p], gradients, learningRate: 0.1 });
    expect([await list(held), await list(p.value)]).toEqual([
      [1, 2],
      [-1, 0],
    ]);
  });

  it('leaks nothing and outlives the tidy it ran in', async () => {
    const p = new State(tensor([1, 2]));
    const gradients = [tensor([1, 1])];
    const before = memory();
    sgdUpdate({ parameters: [p], gradients, learningRate: 1 });
    tidy(() =>
      sgdUpdate({ parameters: [p], gradients, learningRate: 1, gate: scalar(-1, 'int32') }),
    );
    tidy(() => {
      void p.value;
      sgdUpdate({ parameters: [p], gradients, learningRate: 1 });
    });
    expect(memory()).toEqual(before);
    expect(await list(State.heldBy(p))).toEqual([-2, -1]);
  });

  it('is a constant to gradients around it', async () => {
    const p = new Parameter(tensor([3]), { name: 'p' });
    const model = { namedParameters: () => [['p', p] as const] };
    const before = memory().numTensors;
    const { value, grads } = valueAndGrad(() => {
      const loss = sum(square(p.value));
      tidy(() => sgdUpdate({ parameters: [p], gradients: [tensor([1])], learningRate: 1 }));
      return loss;
    }, model)();
    expect([await list(value), await list(grads['p']!), await list(State.heldBy(p))]).toEqual([
      [9],
      [6],
      [2],
    ]);
    expect(memory().numTensors).toBe(before + 2);
  });
});

describe('on an engine that writes in place', () => {
  beforeEach(async () => {
    fault = 'none';
    await use(donating);
  });

  it('gives away the buffer when, and only when, nobody else holds it', async () => {
    const p = new State(tensor([1, 2]));
    const gradients = [tensor([1, 1])];
    // The tensor that the State was made of is still alive: its buffer is shared.
    const first = dataId(p);
    sgdUpdate({ parameters: [p], gradients, learningRate: 1 });
    const own = dataId(p);
    expect(own).not.toBe(first);
    sgdUpdate({ parameters: [p], gradients, learningRate: 1 });
    expect(dataId(p)).toBe(own);
    const held = p.value;
    sgdUpdate({ parameters: [p], gradients, learningRate: 1 });
    expect(dataId(p)).not.toBe(own);
    expect([await list(held), await list(State.heldBy(p))]).toEqual([
      [-1, 0],
      [-2, -1],
    ]);
  });

  it.each(['throws', 'too few'] as const)(
    'keeps States and memory whole when the kernel %s',
    async (what) => {
      const states = [new State(tensor([1])), new State(tensor([2]))];
      const [held, gradients] = [states.map((s) => s.value), [tensor([1]), tensor([1])]];
      const before = memory();
      fault = what;
      const attempt = (): void => sgdUpdate({ parameters: states, gradients, learningRate: 1 });
      expect(attempt).toThrow(what === 'throws' ? 'kernel failed' : BackendError);
      expect(attempt).toThrow(what === 'throws' ? 'kernel failed' : /gives 2 outputs. Received: 1/);
      expect(memory()).toEqual(before);
      expect(await Promise.all(states.map((s) => list(State.heldBy(s))))).toEqual([[1], [2]]);
      expect(held).toHaveLength(2);
    },
  );
});

describe('what all updates refuse, before anything changes', () => {
  beforeEach(() => use(composite));
  const p = (): State => new State(tensor([1, 2]));
  const g = (): Tensor => tensor([1, 1]);

  it.each<[string, () => void, typeof ConfigError, RegExp]>([
    [
      'no parameters',
      () => sgdUpdate({ parameters: [], gradients: [], learningRate: 1 }),
      ConfigError,
      /empty list/,
    ],
    [
      'too few gradients',
      () => sgdUpdate({ parameters: [p(), p()], gradients: [g()], learningRate: 1 }),
      ConfigError,
      /Expected: 2. Received: 1/,
    ],
    [
      'a missing gradient',
      () =>
        sgdUpdate({
          parameters: [p(), p()],
          gradients: [g(), undefined as unknown as Tensor],
          learningRate: 1,
        }),
      ConfigError,
      /none for parameters\[1\] \[2\]/,
    ],
    [
      'a gradient of another shape',
      () => sgdUpdate({ parameters: [p()], gradients: [tensor([[1, 2]])], learningRate: 1 }),
      ShapeError,
      /float32 \[2\].*gradients\[0\].*\[1, 2\]/,
    ],
    [
      'a gradient of another dtype',
      () => sgdUpdate({ parameters: [p()], gradients: [zeros([2], 'int32')], learningRate: 1 }),
      ShapeError,
      /int32/,
    ],
    [
      'an int32 parameter',
      () =>
        sgdUpdate({
          parameters: [new State(zeros([2], 'int32'))],
          gradients: [g()],
          learningRate: 1,
        }),
      ShapeError,
      /parameters\[0\] is int32/,
    ],
    [
      'what is no State',
      () => sgdUpdate({ parameters: [g() as unknown as State], gradients: [g()], learningRate: 1 }),
      ConfigError,
      /parameters\[0\] is a float32 tensor/,
    ],
    [
      'a float32 gate',
      () => sgdUpdate({ parameters: [p()], gradients: [g()], learningRate: 1, gate: scalar(-1) }),
      ShapeError,
      /gate.*float32 tensor/,
    ],
  ])('%s', (_, attempt, type, message) => {
    expect(attempt).toThrow(type);
    expect(attempt).toThrow(message);
  });

  it('a State twice', () => {
    const shared = p();
    expect(() =>
      sgdUpdate({ parameters: [shared, p(), shared], gradients: [g(), g(), g()], learningRate: 1 }),
    ).toThrow(/parameters\[2\] is the same State as parameters\[0\].*once/);
    expect(() =>
      adamUpdate({
        parameters: [shared],
        gradients: [g()],
        firstMoments: [shared],
        secondMoments: [p()],
        step: new State(scalar(0, 'int32')),
        learningRate: 1,
        beta1: 0.9,
        beta2: 0.9,
        epsilon: 1,
      }),
    ).toThrow(/firstMoments\[0\] is the same State as parameters\[0\]/);
  });

  it('tensors and States that have been disposed', () => {
    const gone = g();
    gone.dispose();
    expect(() => sgdUpdate({ parameters: [p()], gradients: [gone], learningRate: 1 })).toThrow(
      BackendError,
    );
    const state = p();
    state.dispose();
    expect(() => sgdUpdate({ parameters: [state], gradients: [g()], learningRate: 1 })).toThrow(
      BackendError,
    );
  });
});
