/** What changes from call to call of a compiled function, and what must not. */
import {
  assign,
  averageUpdate,
  compile,
  dispose,
  dropout,
  gather,
  memory,
  mul,
  Parameter,
  Rng,
  Scalar,
  sgdUpdate,
  square,
  State,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, assertThat, numbers, take } from '../compare.js';
import { assertThrowsCleanly } from '../flat-memory.js';

const held = async (state: State): Promise<ArrayLike<number>> => take(state.value);
const state = (values: number[]): State => tidy(() => new State(tensor(values)));

export const compiledFunctions: readonly Check[] = [
  {
    name: 'masks are fresh in each call, and those of an eager run',
    async run() {
      const [own, other] = [new Rng(3), new Rng(3)];
      const x = tensor(new Float32Array(64).fill(1));
      const drop = compile((t: Tensor) => dropout(t, 0.5, { rng: own }));
      const seen: string[] = [];
      for (let call = 0; call < 4; call++) {
        const mask = await take(drop(x));
        assertIdentical(`Mask ${call}`, mask, await take(dropout(x, 0.5, { rng: other })));
        seen.push(Array.from(mask).join(''));
      }
      assertEqual('How many masks differ', new Set(seen).size, 4);
      assertEqual('The generator stands elsewhere', own.state(), other.state());
      drop.dispose();
      x.dispose();
    },
  },
  {
    name: 'a Scalar moves on without another program: as a rate, and as an operand',
    async run() {
      const p = state([1, -2]);
      const rate = new Scalar(1);
      const step = compile((g: Tensor) => {
        sgdUpdate({ parameters: [p], gradients: [g], learningRate: rate });
        return mul(g, rate);
      });
      const g = tensor([0.5, 0.25]);
      for (const [value, expected] of [
        [1, [0.5, -2.25]],
        [2, [-0.5, -2.75]],
        [0, [-0.5, -2.75]],
      ] as const) {
        rate.value = value;
        assertIdentical('The product', await take(step(g)), [0.5 * value, 0.25 * value]);
        assertIdentical('The parameter', await held(p), expected);
      }
      assertEqual('Programs', step.programs, 1);
      step.dispose();
      dispose([p, g]);
    },
  },
  {
    name: 'averages move in each call, and a value read before keeps its elements',
    async run() {
      const average = state([0, 8]);
      const step = compile(
        (x: Tensor) => void averageUpdate({ averages: [average], values: [x], weight: 0.5 }),
      );
      const x = tensor([4, 0]);
      const before = average.value;
      step(x);
      step(x);
      assertIdentical('The average', await held(average), [3, 2]);
      assertIdentical('What was read before', await take(before), [0, 8]);
      step.dispose();
      dispose([average, x]);
    },
  },
  {
    name: 'a frozen parameter stays: that is another program, and the first one serves again',
    async run() {
      const model = tidy(() => ({ a: new Parameter(tensor([1])), b: new Parameter(tensor([1])) }));
      const named = { namedParameters: () => Object.entries(model) };
      const step = compile(() => {
        const loss = (): Tensor => sum(mul(square(model.a.value), model.b.value));
        const { value, grads } = valueAndGrad(loss, named)();
        const moved = Object.entries(model).filter(([, p]) => p.trainable);
        sgdUpdate({
          parameters: moved.map(([, p]) => p),
          gradients: moved.map(([name]) => grads[name]!),
          learningRate: 0.5,
        });
        return value;
      });
      const seen: number[] = [];
      for (const trainable of [true, false, true]) {
        model.a.trainable = trainable;
        step().dispose();
        seen.push((await held(model.a))[0]!, (await held(model.b))[0]!);
      }
      // a ← a − ab, b ← b − a²/2, both from before the step.
      assertIdentical('a and b after each step', seen, [0, 0.5, 0, 0.5, 0, 0.5]);
      assertEqual('Programs', step.programs, 2);
      step.dispose();
      dispose(Object.values(model));
    },
  },
  {
    name: 'results outlive later calls, and States that take them over',
    async run() {
      const s = state([1, 2]);
      const step = compile((x: Tensor) => {
        const y = mul(s.value, x);
        assign(s, y);
        return [y, y, x];
      });
      const x = tensor([2, 3]);
      const first = step(x);
      assign(s, first[2]!);
      const second = step(x);
      for (const y of first.slice(0, 2))
        assertIdentical('A result of the first call', await numbers(y), [2, 6]);
      for (const y of second.slice(0, 2))
        assertIdentical('A result of the second', await numbers(y), [4, 9]);
      assertIdentical('The argument', await numbers(x), [2, 3]);
      step.dispose();
      dispose([first, second, s, x]);
    },
  },
  {
    name: 'an error leaves nothing behind, in the call that records and in one that runs',
    async run() {
      const s = state([1, 2, 3]);
      const failing = compile((x: Tensor) => {
        assign(s, mul(s.value, x));
        throw new Error('stop');
      });
      const x = tensor([2, 2, 2]);
      assertThrowsCleanly('Recording', () => failing(x));
      assertIdentical('The State', await held(s), [1, 2, 3]);
      const pick = compile((i: Tensor) => [gather(mul(x, 3), i), zeros([4])]);
      const [inside, outside] = [
        [0, 2],
        [0, 9],
      ].map((i) => tensor(i, [2], 'int32')) as [Tensor, Tensor];
      dispose(pick(inside));
      const before = memory().numTensors;
      let results: Tensor[] = [];
      // Engines that compute on the host throw; others give a number.
      try {
        results = pick(outside);
      } catch (error) {
        assertThat(error instanceof Error, 'What is thrown is an Error.');
      }
      dispose(results);
      assertEqual('Tensors after it', memory().numTensors, before);
      const [picked, none] = pick(inside);
      assertIdentical('What is picked then', await take(picked!), [6, 6]);
      failing.dispose();
      pick.dispose();
      dispose([none, s, x, inside, outside]);
    },
  },
];
