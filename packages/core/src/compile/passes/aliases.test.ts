import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kernelsAfter, sameBits } from '../../../test/passed.js';
import { testEngine } from '../../../test/test-engine.js';
import { tensor } from '../../create.js';
import { run } from '../../engine.js';
import { memory, tidy } from '../../memory.js';
import {
  cast,
  expandDims,
  identity,
  neg,
  reshape,
  slice,
  tile,
  transpose,
} from '../../ops/index.js';
import { assign, State } from '../../state/state.js';
import type { Tensor } from '../../tensor.js';
import { use } from '../../use.js';
import { compile } from '../compile.js';
import { withoutAliases } from './aliases.js';

beforeAll(async () => void (await use(testEngine())));
let before = 0;
beforeEach(() => (before = memory().numTensors));

const x = (): Tensor => tensor([1, -2, 3, -4, 5, -6], [2, 3]);

describe('aliases', () => {
  it.each<[string, (x: Tensor) => Tensor]>([
    ['Identity', (t) => identity(t)],
    ['a cast to the dtype that it has', (t) => run('Cast', { x: t }, { dtype: 'float32' })],
    ['a slice of all', (t) => slice(t, [0, 0], [2, 3])],
    ['one tile', (t) => tile(t, [1, 1])],
    ['a Reshape to the same shape', (t) => reshape(t, [2, 3])],
    ['a Reshape there and back', (t) => reshape(reshape(t, [3, 2]), [2, 3])],
  ])('leaves out %s', async (_, fn) => {
    const t = x();
    expect(await sameBits((a) => [neg(fn(a)), fn(a)], t)).toMatchObject({
      byKernel: { Neg: 1 },
    });
    t.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('keeps one Reshape of several, whatever they are called', async () => {
    const t = x();
    const fn = (a: Tensor): Tensor[] => [
      run('ExpandDims', { input: reshape(expandDims(a, 0), [6]) }, { dim: 1 }),
    ];
    const calls = kernelsAfter(withoutAliases, fn, t);
    expect(calls.at(-1)).toMatchObject({
      name: 'Reshape',
      inputs: { x: 0 },
      attrs: { shape: [6, 1] },
    });
    expect((await sameBits(fn, t)).kernels).toBe(1);
    t.dispose();
  });

  it('keeps what changes something: a part, a turn, another dtype', async () => {
    const t = x();
    const fn = (a: Tensor): Tensor[] => [
      slice(a, [0, 0], [1, 3]),
      transpose(a),
      cast(a, 'int32'),
      tile(a, [1, 2]),
      run('Reverse', { x: a }, { dims: [1] }),
    ];
    expect((await sameBits(fn, t)).kernels).toBe(5);
    t.dispose();
  });

  it('gives a State, and the caller, tensors of their own', async () => {
    const state = tidy(() => new State(tensor([0, 0])));
    const step = compile((a: Tensor) => {
      assign(state, identity(a));
      return [identity(a), state.value];
    });
    const a = tensor([1, 2]);
    const results = step(a);
    a.dispose();
    for (const t of [...results, State.heldBy(state)]) {
      expect(Array.from((await t.data()) as Float32Array)).toEqual([1, 2]);
    }
    for (const t of [...results, state]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
