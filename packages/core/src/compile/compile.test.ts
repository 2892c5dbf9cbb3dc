import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { constant, scalar, tensor, zeros } from '../create.js';
import { BackendError, CompileError, ConfigError } from '../errors.js';
import { adamUpdate } from '../extension/adam-update.js';
import { dropout } from '../extension/dropout.js';
import { sgdUpdate } from '../extension/sgd-update.js';
import { memory, tidy } from '../memory.js';
import { add, matmul, mean, mul, relu, reshape, square, sub, sum } from '../ops/index.js';
import { Rng } from '../random/index.js';
import { Parameter } from '../state/parameter.js';
import { Scalar } from '../state/scalar.js';
import { assign, State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { compile } from './compile.js';
import { guard } from './recording.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const held = (state: State): Promise<number[]> => data(State.heldBy(state));
const vector = (values: number[]): Tensor => tensor(values);

/** A network with two layers, its optimizer's memory, and a step of it. */
function network(seed: number): {
  states: State[];
  rate: Scalar;
  step: (x: Tensor, y: Tensor) => Tensor;
} {
  const rng = new Rng(seed);
  const model = tidy(() => ({
    w1: new Parameter(rng.normal([3, 8]), { name: 'w1' }),
    w2: new Parameter(rng.normal([8, 1]), { name: 'w2' }),
  }));
  const parameters = [model.w1, model.w2];
  const moments = tidy(() => [...parameters, ...parameters].map((p) => new State(zeros(p.shape))));
  const count = tidy(() => new State(scalar(0, 'int32')));
  const rate = new Scalar(0.05);
  const masks = new Rng(seed + 1);
  const gradients = valueAndGrad(
    (x: Tensor, y: Tensor) => {
      const hidden = dropout(relu(matmul(x, model.w1.value)), 0.25, { rng: masks });
      return mean(square(sub(matmul(hidden, model.w2.value), y)));
    },
    { namedParameters: () => Object.entries(model) },
  );
  const step = (x: Tensor, y: Tensor): Tensor => {
    const { value, grads } = gradients(x, y);
    adamUpdate({
      parameters,
      gradients: [grads['w1']!, grads['w2']!],
      firstMoments: moments.slice(0, 2),
      secondMoments: moments.slice(2),
      step: count,
      learningRate: rate,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
    });
    return value;
  };
  return { states: [...parameters, ...moments, count], rate, step };
}

describe('a compiled training step', () => {
  it('equals the eager one, with fresh masks, a schedule and moments', async () => {
    const [eager, recorded] = [network(1), network(1)];
    const step = compile(recorded.step);
    const rng = new Rng(9);
    for (let i = 0; i < 6; i++) {
      const [x, y] = [rng.normal([5, 3]), rng.normal([5, 1])];
      const expected = tidy(() => eager.step(x, y));
      const received = step(x, y);
      expect(await data(received)).toEqual(await data(expected));
      for (const net of [eager, recorded]) net.rate.value *= 0.8;
      for (const t of [x, y, expected, received]) t.dispose();
    }
    for (const [i, state] of eager.states.entries()) {
      expect(await held(recorded.states[i]!)).toEqual(await held(state));
    }
    expect(step.programs).toBe(1);
    const { kernels, byKernel, draws, statesWritten } = step.explain(
      tensor(new Float32Array(15), [5, 3]),
      tensor(new Float32Array(5), [5, 1]),
    );
    expect([byKernel['StrataDropout'], byKernel['StrataAdamUpdate'], draws]).toEqual([2, 1, 1]);
    expect(statesWritten).toBe(7);
    expect(kernels).toBeGreaterThan(10);
    step.dispose();
  });

  it('leaves nothing behind but its results', () => {
    const { step: eager, states } = network(2);
    const step = compile(eager);
    const [x, y] = [new Rng(1).normal([4, 3]), new Rng(2).normal([4, 1])];
    step(x, y).dispose();
    const after = memory();
    for (let i = 0; i < 3; i++) step(x, y).dispose();
    expect(memory()).toEqual(after);
    step.dispose();
    for (const t of [x, y, ...states]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('is recorded anew when a parameter is frozen, and runs the old program when it is not', async () => {
    const w = [
      new Parameter(vector([1, 2]), { name: 'a' }),
      new Parameter(vector([3, 4]), { name: 'b' }),
    ];
    const model = { namedParameters: () => w.map((p) => [p.name, p] as const) };
    const step = compile((x: Tensor) => {
      const loss = (): Tensor => sum(mul(mul(w[0]!.value, w[1]!.value), x));
      const { value, grads } = valueAndGrad(loss, model)();
      const trained = w.filter((p) => p.trainable);
      sgdUpdate({
        parameters: trained,
        gradients: trained.map((p) => grads[p.name]!),
        learningRate: 1,
      });
      return value;
    });
    const x = vector([1, 1]);
    expect(await data(step(x))).toEqual([11]);
    expect([await held(w[0]!), await held(w[1]!)]).toEqual([
      [-2, -2],
      [2, 2],
    ]);
    w[0]!.trainable = false;
    step(x);
    expect([await held(w[0]!), await held(w[1]!)]).toEqual([
      [-2, -2],
      [4, 4],
    ]);
    w[0]!.trainable = true;
    step(x);
    expect([await held(w[0]!), await held(w[1]!)]).toEqual([
      [-6, -6],
      [6, 6],
    ]);
    expect(step.programs).toBe(2);
  });
});

describe('values of a program', () => {
  it('keeps arguments, states and captured tensors of one storage apart', async () => {
    const x = vector([1, 2]);
    const state = new State(x);
    const f = compile((a: Tensor) => add(mul(a, 10), add(mul(state.value, 100), x)));
    expect(await data(f(x))).toEqual([111, 222]);
    assign(state, vector([3, 3]));
    expect(await data(f(vector([5, 6])))).toEqual([351, 362]);
  });

  it('hands out what a state held before it moved on', async () => {
    const state = new State(vector([1, 2]));
    const f = compile((step: Tensor) => {
      const old = state.value;
      sgdUpdate({ parameters: [state], gradients: [step], learningRate: 1 });
      const between = state.value;
      sgdUpdate({ parameters: [state], gradients: [step], learningRate: 1 });
      return { old, between, twice: mul(state.value, 2), list: [old, step] };
    });
    for (let i = 0; i < 2; i++) {
      const { old, between, twice, list } = f(vector([1, 1]));
      expect(await data(old)).toEqual([1 - 2 * i, 2 - 2 * i]);
      expect(await data(between)).toEqual([0 - 2 * i, 1 - 2 * i]);
      expect(await data(twice)).toEqual([-2 - 4 * i, 0 - 4 * i]);
      expect(await data(list[0]!)).toEqual(await data(old));
      expect(await data(list[1]!)).toEqual([1, 1]);
    }
  });

  it('reads Scalars in every run, as operands and as numbers', async () => {
    const s = new Scalar(2);
    const operand = compile((x: Tensor) => add(mul(x, s), scalar(s)));
    const number = compile((x: Tensor) => mul(x, s.value + 1));
    const x = vector([1, 2]);
    expect([await data(operand(x)), await data(number(x))]).toEqual([
      [4, 6],
      [3, 6],
    ]);
    s.value = 5;
    expect([await data(operand(x)), await data(number(x))]).toEqual([
      [10, 15],
      [6, 12],
    ]);
    expect([operand.programs, number.programs]).toEqual([1, 2]);
  });

  it('draws on where the generator stands, and as often as eagerly', async () => {
    const [a, b] = [new Rng(3), new Rng(3)];
    const draw = (rng: Rng): Tensor => add(rng.uniform([5]), rng.normal([5]));
    const f = compile(() => draw(a));
    for (let i = 0; i < 3; i++) expect(await data(f())).toEqual(await data(draw(b)));
    expect(a.state()).toEqual(b.state());
  });

  it('has a program for each signature', async () => {
    const f = compile((xs: Tensor[], { times }: { times: number }) =>
      mul(add(xs[0]!, xs[1]!), times),
    );
    const [x, y] = [vector([1, 2]), vector([10, 20])];
    expect(await data(f([x, y], { times: 2 }))).toEqual([22, 44]);
    expect(await data(f([x, x], { times: 2 }))).toEqual([4, 8]); // one tensor twice is a program of its own
    expect(await data(f([y, x], { times: 2 }))).toEqual([22, 44]);
    expect(await data(f([x, y], { times: 3 }))).toEqual([33, 66]);
    expect(f.programs).toBe(3);
  });

  it('keeps nothing of an argument that is passed twice', () => {
    const f = compile((a: Tensor, b: Tensor) => add(a, b));
    const x = vector([1, 2]);
    const alive = memory().numTensors;
    f(x, x).dispose();
    f(x, x).dispose();
    expect(memory().numTensors).toBe(alive);
  });

  it('runs inside gradients and other compiled functions as it stands', async () => {
    const square2 = compile((x: Tensor) => mul(x, x));
    const x = vector([3]);
    expect(await data(grad((t) => sum(square2(t)))(x))).toEqual([6]);
    const outer = compile((t: Tensor) => add(square2(t), 1));
    expect(await data(outer(x))).toEqual([10]);
    expect(square2.programs).toBe(0);
  });

  it('computes no gradient that nobody asks for', () => {
    const f = compile((x: Tensor) => {
      mul(x, 3);
      return add(x, constant([1, 2]));
    });
    expect(f.explain(vector([1, 1])).byKernel).toEqual({ Add: 1 });
    expect(String(f.explain(vector([1, 1])))).toMatch(/^1 kernels, 0 states read/);
  });

  it('gives second derivatives, and customary gradients of what tfjs composes', async () => {
    const f = (x: Tensor): Tensor => grad((t) => sum(grad((u) => sum(mul(u, square(u))))(t)))(x);
    const x = vector([1, -2, 0.5]);
    expect(await data(compile(f)(x))).toEqual(await data(f(x)));
  });
});

describe('what cannot be compiled', () => {
  const x = (): Tensor => vector([1, 2]);
  const state = (): State => new State(vector([1, 2]));

  it.each<[string, (x: Tensor) => unknown, RegExp]>([
    [
      'a read',
      (t) => (t as unknown as { dataSync(): number[] }).dataSync(),
      /reads of values.*after the call/,
    ],
    [
      'a read that nobody waits for',
      (t) => [t, void t.data()][0],
      /reads of values.*after the call/,
    ],
    [
      'host values',
      (t) => add(t, tensor([1, 2])),
      /tensor\(\) of values of the host.*constant\(\)/,
    ],
    ['a host scalar', (t) => add(t, scalar(3)), /scalar\(\) of values of the host/],
    ['a promise', async (t) => t, /asynchronous function.*Await/],
    ['a number in the result', (t) => [t, 3], /returns tensors.*Received: number 3/],
    ['host random numbers', (t) => mul(t, new Rng(1).nextUniform()), /drawn on the host/],
    ['truncated normals', (t) => add(t, new Rng(1).truncatedNormal([2])), /drawn on the host/],
  ])('%s', (_, f, message) => {
    const compiled = compile(f);
    const t = x();
    const alive = memory().numTensors;
    expect(() => compiled(t)).toThrow(CompileError);
    expect(() => compiled(t)).toThrow(message);
    expect(memory().numTensors).toBe(alive);
    // The engine is as it was.
    expect(add(tensor([1]), 1).shape).toEqual([1]);
  });

  it('an error of the function itself, after which States are as before', async () => {
    const s = state();
    const rng = new Rng(5);
    let fails = true;
    const f = compile((t: Tensor) => {
      assign(s, add(s.value, rng.uniform([2])));
      if (fails) throw new RangeError('mine');
      return reshape(t, [2]);
    });
    const t = x();
    const alive = memory().numTensors;
    expect(() => f(t)).toThrow(RangeError);
    expect(await held(s)).toEqual([1, 2]);
    expect(rng.state()).toEqual(new Rng(5).state());
    expect(memory().numTensors).toBe(alive);
    fails = false;
    expect(await data(f(t))).toEqual([1, 2]);
    expect(await held(s)).not.toEqual([1, 2]);
  });

  it('a captured tensor that is disposed later', () => {
    const captured = vector([1, 2]);
    const f = compile((t: Tensor) => add(t, captured));
    f(x());
    captured.dispose();
    expect(() => f(x())).toThrow(/beside its arguments.*shape \[2\] has been disposed.*keep/);
  });

  it('arguments of compile() that are wrong', () => {
    expect(() => compile(3 as never)).toThrow(ConfigError);
    expect(() => compile(() => x(), { maxPrograms: 0 })).toThrow(/maxPrograms.*Received: number 0/);
  });
});

describe('arguments', () => {
  it('make one program for each way in which they are the same tensor', async () => {
    const f = compile((x: Tensor, y: Tensor) => add(x, y));
    const [a, b] = [vector([1]), vector([2])];
    for (const [x, y, expected] of [
      [a, b, 3],
      [b, a, 3],
      [a, a, 2],
      [b, b, 4],
      [a, b, 3],
    ] as const) {
      expect(await data(f(x, y))).toEqual([expected]);
    }
    expect(f.programs).toBe(2);
    f(vector([1, 2]), b).dispose();
    f(tensor([1, 2], [2], 'int32'), tensor([1], [1], 'int32')).dispose();
    expect(f.programs).toBe(4);
  });

  it('may not be disposed', () => {
    const double = compile(function double(x: Tensor) {
      return mul(x, 2);
    });
    const x = vector([1]);
    double(x).dispose();
    x.dispose();
    expect(() => double(x)).toThrow(BackendError);
    expect(() => double(x)).toThrow('An argument of double has been disposed');
    expect(() => compile(double)(x)).toThrow('An argument of compiled has been disposed');
    expect(() => double.explain(x)).toThrow('An argument of double has been disposed');
  });
});

describe('too many programs', () => {
  it('says once what keeps changing, and goes on', async () => {
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const f = compile(
      function scale(x: Tensor, by: number) {
        return mul(x, by);
      },
      { maxPrograms: 2 },
    );
    for (let i = 0; i < 5; i++) expect(await data(f(vector([1]), i))).toEqual([i]);
    expect(f.programs).toBe(2);
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning.mock.calls[0]![0]).toMatch(
      /^scale has been recorded more than 2 times.*float32\[1\], 1\), then \(.*float32\[1\], 2\).*Scalar/,
    );
    warning.mockClear();
    const owner = { mode: 0 };
    const g = compile(
      (x: Tensor) => {
        guard(owner, 'mode of the owner', () => owner.mode);
        return mul(x, owner.mode);
      },
      { maxPrograms: 1 },
    );
    for (; owner.mode < 3; owner.mode++) expect(await data(g(vector([1])))).toEqual([owner.mode]);
    expect(warning.mock.calls.flat().join()).toMatch(/mode of the owner/);
    warning.mockRestore();
  });
});
