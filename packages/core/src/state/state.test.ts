import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tensor } from '../create.js';
import { BackendError, ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { add, mul } from '../ops/index.js';
import { use } from '../use.js';
import { testEngine } from '../../test/test-engine.js';
import { Parameter } from './parameter.js';
import { Scalar, scalarValue } from './scalar.js';
import { assign, State } from './state.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

describe('State', () => {
  it('shares the storage of its first tensor, which the caller may dispose', async () => {
    const first = tensor([1, 2, 3]);
    const state = new State(first);
    first.dispose();
    expect(await tidy(() => state.value).array()).toEqual([1, 2, 3]);
    state.dispose();
  });

  it('hands out values that keep their elements when the cell moves on', async () => {
    const first = tensor([1, 2]);
    const state = new State(first);
    const held = state.value;
    const next = tensor([5, 6]);
    assign(state, next);
    next.dispose();
    const now = state.value;
    expect(await held.array()).toEqual([1, 2]);
    expect(await now.array()).toEqual([5, 6]);
    for (const t of [first, held, now]) t.dispose();
    state.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('lives through the tidy that made it, and its reads do not', () => {
    const state = tidy(() => new State(add(tensor([1]), 1)));
    tidy(() => void mul(state.value, state.value));
    expect(memory().numTensors).toBe(before + 1);
    state.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('keeps shape and dtype', () => {
    const state = tidy(() => new State(tensor([1, 2])));
    tidy(() => {
      expect(() => assign(state, tensor([1, 2, 3]))).toThrow(ShapeError);
      expect(() => assign(state, tensor([1, 2, 3]))).toThrow(
        /Expected: float32 \[2\]. Received: float32 \[3\]/,
      );
      expect(() => assign(state, tensor(Int32Array.of(1, 2)))).toThrow(/Received: int32 \[2\]/);
      expect(() => assign(state, [1, 2] as never)).toThrow(
        /must be a tensor. Received: an array of 2/,
      );
    });
    state.dispose();
  });

  it('throws when it is read or assigned after dispose()', () => {
    const state = tidy(() => new State(tensor([1])));
    state.dispose();
    state.dispose();
    expect(() => state.value).toThrow(BackendError);
    expect(() => state.value).toThrow(/has been disposed/);
  });

  it('refuses a disposed tensor', () => {
    const gone = tensor([1]);
    gone.dispose();
    expect(() => new State(gone)).toThrow(/has been disposed/);
  });
});

describe('Parameter', () => {
  it('is a trainable State with a name, a layout and an external name', () => {
    const p = tidy(
      () =>
        new Parameter(tensor([[1, 2]]), { name: 'w', layout: 'linear', externalName: 'weight' }),
    );
    expect([p.name, p.layout, p.externalName, p.trainable, p.size]).toEqual([
      'w',
      'linear',
      'weight',
      true,
      2,
    ]);
    expect(p).toBeInstanceOf(State);
    p.dispose();
  });
});

describe('Scalar', () => {
  it('is read anew each time', () => {
    const rate = new Scalar(0.1);
    expect(2 * (rate as unknown as number)).toBeCloseTo(0.2);
    rate.value = 0.05;
    expect(scalarValue(rate)).toBe(0.05);
    expect(scalarValue(3)).toBe(3);
  });

  it('holds numbers only', () => {
    expect(() => new Scalar(Number.NaN)).toThrow(ConfigError);
    expect(() => (new Scalar(1).value = 'x' as never)).toThrow(/Received: x/);
  });
});
