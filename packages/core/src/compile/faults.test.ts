// Bad input to compiled functions, and faults in the middle of them: what is thrown, and that nothing else has changed.
import { registerKernel } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { constant, tensor } from '../create.js';
import { run } from '../engine.js';
import { BackendError, CompileError, ConfigError, ShapeError } from '../errors.js';
import { sgdUpdate } from '../extension/sgd-update.js';
import { memory, tidy } from '../memory.js';
import { add, gather, mul, relu, sum } from '../ops/index.js';
import { Rng } from '../random/index.js';
import { assign, State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { compile } from './compile.js';
import { recordedAt } from './recording.js';
import { replayOf } from './replay.js';

/** Makes the kernel `Checked` refuse its input. */
let refuses = false;
const registerChecked = (): void =>
  registerKernel({
    kernelName: 'Checked',
    backendName: 'test-engine',
    kernelFunc: ({ backend, inputs }) => {
      if (refuses) throw new ConfigError('Checked refuses.');
      const x = inputs['x'] as unknown as { dataId: object; shape: number[]; dtype: 'float32' };
      (backend as unknown as { incRef(id: object): void }).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
beforeAll(async () => void (await use(testEngine('test-engine', registerChecked))));
let before = 0;
beforeEach(() => {
  refuses = false;
  before = memory().numTensors;
});

const checked = (x: Tensor): Tensor => run('Checked', { x });
const data = async (t: Tensor): Promise<number[]> => Array.from((await t.data()) as Float32Array);
const held = (state: State): Promise<number[]> => data(State.heldBy(state));

describe('while it is recorded', () => {
  it('a shape that depends on values names the kernel', () => {
    const f = compile((x: Tensor) => run('Unique', { x }, { axis: 0 }));
    const x = tensor([1, 1]);
    expect(() => f(x)).toThrow(CompileError);
    expect(() => f(x)).toThrow(/kernel Unique.*shape that depends on values.*outside/);
    x.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('an exception inside a gradient leaves tensors, States, generators and the tape as they were', async () => {
    const state = tidy(() => new State(tensor([1, 2])));
    const rng = new Rng(3);
    const f = compile((x: Tensor) => {
      const loss = (w: Tensor): Tensor => {
        assign(state, rng.uniform([2]));
        mul(w, constant([1, 2]));
        throw new RangeError('mine');
      };
      return valueAndGrad(loss)(x).value;
    });
    const x = tensor([1, 2]);
    for (let call = 0; call < 3; call++) {
      expect(() => f(x)).toThrow(RangeError);
      expect(memory().numTensors).toBe(before + 2);
    }
    expect(await held(state)).toEqual([1, 2]);
    expect(rng.state()).toEqual(new Rng(3).state());
    expect(f.programs).toBe(0);
    // The engine is usable, for gradients and for other programs.
    const square = (w: Tensor): Tensor => sum(mul(w, w));
    expect(await data(grad(square)(x))).toEqual([2, 4]);
    expect(await data(compile(grad(square))(x))).toEqual([2, 4]);
  });

  it('a State keeps one holder: updates write into its memory afterwards', () => {
    const state = tidy(() => new State(tensor([1, 2])));
    const f = compile(() => {
      assign(state, mul(state.value, 2));
      throw new RangeError('mine');
    });
    const { dataId } = State.heldBy(state) as unknown as { dataId: object };
    expect(() => f()).toThrow(RangeError);
    const after = (State.heldBy(state) as unknown as { dataId: object }).dataId;
    expect(after).toBe(dataId);
    expect(State.heldBy(state).isDisposed).toBe(false);
    state.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('an engine that refuses the program gets its constants freed', async () => {
    let refused = 0;
    await use(
      testEngine('refusing', undefined, (program) => {
        if (refused++ < 2) throw new BackendError('no memory for that');
        return replayOf(program);
      }),
    );
    const numbers = memory().numTensors;
    const f = compile((x: Tensor) => add(mul(x, 3), constant([1, 2])));
    const x = tensor([1, 2]);
    for (let call = 0; call < 2; call++) {
      expect(() => f(x)).toThrow('no memory for that');
      expect(memory().numTensors).toBe(numbers + 1);
    }
    const y = f(x);
    expect(await data(y)).toEqual([4, 8]);
    f.dispose();
    for (const t of [x, y]) t.dispose();
    expect(memory().numTensors).toBe(numbers);
    await use(testEngine('test-engine', registerChecked));
  });
});

describe('in the middle of a run', () => {
  it('an error of a kernel leaves States and generators as they were', async () => {
    const [p, count] = tidy(() => [new State(tensor([1, 2])), new State(tensor([0]))]);
    const rng = new Rng(4);
    const f = compile((g: Tensor) => {
      assign(count!, add(count!.value, 1));
      const noisy = add(g, rng.uniform([2]));
      sgdUpdate({ parameters: [p!], gradients: [noisy], learningRate: 1 });
      return checked(noisy);
    });
    const g = tensor([1, 1]);
    f(g).dispose();
    const [held1, count1, rng1] = [await held(p!), await held(count!), rng.state()];
    const tensors = memory().numTensors;
    refuses = true;
    for (let call = 0; call < 2; call++) expect(() => f(g)).toThrow(ConfigError);
    expect([await held(p!), await held(count!), rng.state()]).toEqual([held1, count1, rng1]);
    expect(memory().numTensors).toBe(tensors);
    refuses = false;
    f(g).dispose();
    expect(await held(count!)).toEqual([2]);
    expect(memory().numTensors).toBe(tensors);
    f.dispose();
    for (const t of [g, p!, count!]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('the error says where the kernel was recorded', () => {
    const f = compile((x: Tensor) => {
      const inner = (): Tensor =>
        recordedAt(
          () => 'Layer: b.',
          () => mul(x, 2),
        );
      return recordedAt(
        () => 'Layer: a.',
        () => checked(relu(inner())),
      );
    });
    const x = tensor([1]);
    f(x);
    refuses = true;
    let error: Error | undefined;
    try {
      f(x);
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error?.message).toBe('Checked refuses. Layer: a.');
    expect(error?.stack).toContain('Checked refuses. Layer: a.');
  });

  it('indices outside of an axis', async () => {
    const state = tidy(() => new State(tensor([5])));
    const f = compile((x: Tensor, at: Tensor) => {
      assign(state, add(state.value, 1));
      return gather(x, at);
    });
    const x = tensor([1, 2]);
    const [good, bad] = [tensor([1], [1], 'int32'), tensor([7], [1], 'int32')];
    expect(await data(f(x, good))).toEqual([2]);
    expect(() => f(x, bad)).toThrow(ShapeError);
    expect(() => f(x, bad)).toThrow(/indices of gather\(\) lie inside shape \[2\].*7/);
    expect(await held(state)).toEqual([6]);
  });

  it('a captured tensor that is disposed between runs leaves the rest alone', async () => {
    const captured = tensor([1, 2]);
    const state = tidy(() => new State(tensor([0, 0])));
    const f = compile((x: Tensor) => {
      assign(state, add(state.value, x));
      return add(captured, x);
    });
    const x = tensor([1, 1]);
    f(x).dispose();
    captured.dispose();
    const tensors = memory().numTensors;
    expect(() => f(x)).toThrow(CompileError);
    expect(await held(state)).toEqual([1, 1]);
    expect(memory().numTensors).toBe(tensors);
  });
});

describe('compiled functions in each other, and shapes that keep changing', () => {
  it('the outer one records what the inner one does', async () => {
    const state = tidy(() => new State(tensor([1])));
    const inner = compile((x: Tensor) => {
      assign(state, add(state.value, x));
      return mul(state.value, x);
    });
    const outer = compile((x: Tensor) => add(inner(x), inner(x)));
    const x = tensor([2]);
    // (1 + 2)·2 + (3 + 2)·2, then the same from 5.
    expect(await data(outer(x))).toEqual([16]);
    expect(await data(outer(x))).toEqual([32]);
    expect(await data(inner(x))).toEqual([22]);
    expect([outer.programs, inner.programs]).toEqual([1, 1]);
  });

  it('the warning shows the shapes', () => {
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const f = compile((x: Tensor) => sum(x), { maxPrograms: 2, name: 'total' });
    for (let n = 1; n < 5; n++) f(tensor(new Float32Array(n)));
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning.mock.calls[0]![0]).toMatch(
      /^total has been recorded.*float32\[2\]\), then \(.*float32\[3\]\).*pad tensors to a few shapes/,
    );
    warning.mockRestore();
  });
});
