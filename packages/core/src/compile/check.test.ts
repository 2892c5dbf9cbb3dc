import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { constant, tensor } from '../create.js';
import { CompileError, ConfigError } from '../errors.js';
import { sgdUpdate } from '../extension/sgd-update.js';
import { memory, tidy } from '../memory.js';
import { add, cast, mul, relu, sum } from '../ops/index.js';
import { Rng } from '../random/index.js';
import { Parameter } from '../state/parameter.js';
import { Scalar } from '../state/scalar.js';
import { assign, State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { compile } from './compile.js';
import { differenceOf } from './difference.js';
import { replayOf } from './replay.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const held = (state: State): Promise<number[]> => data(State.heldBy(state));

describe('checkEvery', () => {
  it('changes nothing where both agree: results, States, draws, memory', async () => {
    const make = () => {
      const p = tidy(() => new Parameter(tensor([1, 2]), { name: 'w' }));
      const rng = new Rng(1);
      const rate = new Scalar(0.5);
      const step = (x: Tensor): Tensor[] => {
        const noisy = add(x, rng.uniform([2]));
        sgdUpdate({ parameters: [p], gradients: [noisy], learningRate: rate });
        return [noisy, mul(p.value, rate)];
      };
      return { p, rng, rate, step };
    };
    const [plain, checked] = [make(), make()];
    const [free, watched] = [compile(plain.step), compile(checked.step, { checkEvery: 2 })];
    const x = tensor([1, -1]);
    for (let call = 0; call < 5; call++) {
      for (const { rate } of [plain, checked]) rate.value *= 0.9;
      const [a, b] = [free(x), watched(x)];
      for (const [i, t] of a.entries()) expect(await data(b[i]!)).toEqual(await data(t));
      for (const t of [...a, ...b]) t.dispose();
      expect(await held(checked.p)).toEqual(await held(plain.p));
      expect(checked.rng.state()).toEqual(plain.rng.state());
    }
    for (const t of [x, plain.p, checked.p]) t.dispose();
    for (const f of [free, watched]) f.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('runs the function itself in every call of that number, and in no other', () => {
    let runs = 0;
    const f = compile(
      (x: Tensor) => {
        runs++;
        return relu(x);
      },
      { checkEvery: 3 },
    );
    const x = tensor([1]);
    const counts: number[] = [];
    for (let call = 0; call < 7; call++) {
      f(x).dispose();
      counts.push(runs);
    }
    expect(counts).toEqual([1, 1, 2, 2, 2, 3, 3]);
    f.dispose();
    x.dispose();
  });

  it('finds a plain variable that changes, and leaves States as the program did', async () => {
    const state = tidy(() => new State(tensor([0])));
    let factor = 1;
    const f = compile(
      function step(x: Tensor) {
        assign(state, add(state.value, x));
        return { sums: [sum(x)], loss: mul(x, factor) };
      },
      { checkEvery: 2 },
    );
    const x = tensor([4]);
    const first = f(x);
    factor = 1.5;
    const tensors = memory().numTensors;
    expect(() => f(x)).toThrow(CompileError);
    f(x);
    expect(() => f(x)).toThrow(
      /^Call 4 of step, compiled, differs.*First in result\.loss: element 0 is 6 eagerly and 4 compiled.*Scalar/,
    );
    expect(await held(state)).toEqual([16]);
    expect(memory().numTensors).toBe(tensors + 2);
    expect(await data(first.loss)).toEqual([4]);
  });

  it('names a Parameter, a State that only one of both writes, another structure, and other draws', () => {
    let mode = 'program';
    const check = (fn: (x: Tensor) => unknown): (() => unknown) => {
      const f = compile((x: Tensor) => fn(x) as Tensor, { checkEvery: 2, name: 'f' });
      mode = 'program';
      f(tensor([1, 2]));
      mode = 'eager';
      return () => f(tensor([1, 2]));
    };
    const p = new Parameter(tensor([1, 2]), { name: 'encoder.weight' });
    const states = [new State(tensor([0, 0])), new State(tensor([0, 0]))];
    const rng = new Rng(2);
    expect(check((x) => assign(p, mode === 'eager' ? mul(x, 2) : x))).toThrow(
      "First in the parameter 'encoder.weight': element 0 is 2 eagerly and 1 compiled",
    );
    expect(check((x) => assign(states[mode === 'eager' ? 0 : 1]!, x))).toThrow(
      'First in State 0 of those that it writes, of shape [2]: element 0 is 1 eagerly and 0 compiled',
    );
    expect(check((x) => (mode === 'eager' ? assign(states[0]!, mul(x, 3)) : undefined))).toThrow(
      /State 0/,
    );
    expect(check((x) => (mode === 'eager' ? { a: x } : [x, x]))).toThrow(
      'Eagerly it returns [result.a], compiled [result[0], result[1]]',
    );
    expect(check((x) => (mode === 'eager' ? sum(x) : x))).toThrow(
      'First in result: float32 [] eagerly, float32 [2] compiled',
    );
    expect(check((x) => mul(add(x, mode === 'eager' ? rng.uniform([2]) : 0), 0))).toThrow(
      'It draws other random numbers: eagerly a generator stands at 1,0,0,0, compiled at 0,0,0,0',
    );
  });

  it('finds an engine that computes something else, beyond the tolerance', async () => {
    let error = 0;
    await use(
      testEngine('inexact', undefined, (program) => {
        const { run, dispose } = replayOf(program);
        return { run: (args) => run(args).map((t) => mul(t, 1 + error)), dispose };
      }),
    );
    const f = compile((x: Tensor) => mul(x, constant([2, 3])), { checkEvery: 1 });
    const loose = compile((x: Tensor) => mul(x, 2), { checkEvery: 1, checkTolerance: 0.1 });
    const x = tensor([1, -1]);
    f(x);
    error = 5e-6;
    f(x);
    error = 1e-3;
    expect(() => f(x)).toThrow(/element 0 is 2 eagerly and 2\.00/);
    loose(x);
    await use(testEngine());
  });

  it('passes on what the function throws, and runs no program then', async () => {
    const state = tidy(() => new State(tensor([0])));
    let fails = false;
    const f = compile(
      (x: Tensor) => {
        if (fails) throw new RangeError('mine');
        assign(state, x);
        return x;
      },
      { checkEvery: 1 },
    );
    f(tensor([1]));
    fails = true;
    expect(() => f(tensor([2]))).toThrow(RangeError);
    expect(await held(state)).toEqual([1]);
  });

  it.each([[0], [1.5], [NaN], ['2']])('refuses to check every %s calls', (checkEvery) => {
    expect(() => compile(() => tensor([1]), { checkEvery: checkEvery as number })).toThrow(
      ConfigError,
    );
  });

  it.each([[-1], [NaN], [Infinity]])('refuses a tolerance of %s', (checkTolerance) => {
    expect(() => compile(() => tensor([1]), { checkTolerance })).toThrow(/checkTolerance/);
  });
});

describe('differenceOf', () => {
  const differ = (a: number[], b: number[], tolerance: number): unknown =>
    differenceOf(tensor(a), tensor(b), tolerance);

  it('is relative to the largest element that is finite', () => {
    expect(differ([100, 1], [100, 1.0009], 1e-5)).toBeNull();
    expect(differ([100, 1], [100, 1.01], 1e-5)).toMatchObject({ kind: 'value', index: 1 });
    expect(differ([Infinity, 1], [Infinity, 1.1], 1e-5)).toMatchObject({ index: 1 });
  });

  it('knows NaN and infinities', () => {
    expect(differ([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity], 0)).toBeNull();
    expect(differ([NaN], [0], 1)).toMatchObject({ index: 0 });
    expect(differ([1, 0], [1, NaN], 1)).toMatchObject({ index: 1 });
    expect(differ([1, Infinity], [1, -Infinity], 1)).toMatchObject({ index: 1 });
    expect(differ([1, 1], [1, Infinity], 1)).toMatchObject({ index: 1 });
    expect(differ([], [], 0)).toBeNull();
  });

  it('wants whole numbers and truth values equal', () => {
    const x = tensor([100, 200]);
    const whole = cast(x, 'int32');
    expect(differenceOf(whole, cast(tensor([100, 201]), 'int32'), 1)).toMatchObject({ index: 1 });
    expect(differenceOf(whole, x, 1)).toEqual({
      kind: 'form',
      eager: 'int32 [2]',
      compiled: 'float32 [2]',
    });
  });
});
