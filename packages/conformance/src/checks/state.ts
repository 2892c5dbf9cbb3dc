/** State, assignment and donation: an update in place is never seen from outside. */
import {
  add,
  assign,
  BackendError,
  dispose,
  identity,
  reshape,
  ShapeError,
  State,
  tensor,
  type Tensor,
  tidy,
} from '@stratajs/core';
import { backend } from '@tensorflow/tfjs-core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, assertThat, numbers, take } from '../compare.js';
import { assertNoLeak, assertThrowsCleanly } from '../flat-memory.js';
import { adam, type Rule, sgd } from './updates.js';

/** More elements than any unrolled loop takes at once, so that a tail is there, too. */
const SIZE = 1031;
const start = Float32Array.from({ length: SIZE }, (_, i) => Math.fround(Math.sin(i)));
const slope = Float32Array.from({ length: SIZE }, (_, i) => Math.fround(Math.cos(3 * i)));

const rules: Readonly<Record<string, (p: readonly State[]) => Rule>> = {
  'an SGD update': (p) => sgd(p, { momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  'an Adam update': (p) => adam(p, { weightDecay: 0.01, decoupled: true }),
};

/** What may hold a parameter's storage besides its State. */
const holders: Readonly<Record<string, (p: State) => Tensor>> = {
  'a value read before': (p) => p.value,
  'a reshaped value': (p) => tidy(() => reshape(p.value, [1, SIZE])),
  'a clone of a value': (p) => tidy(() => identity(p.value)),
};

export function stateAndDonation(): Check[] {
  return [...assignment, ...Object.entries(rules).flatMap(([name, rule]) => donation(name, rule))];
}

function donation(name: string, rule: (p: readonly State[]) => Rule): Check[] {
  return [
    ...Object.entries(holders).map(([holder, hold]) => ({
      name: `${holder} keeps its elements over ${name}`,
      async run() {
        const made = rule([fresh()]);
        const [p, slot] = [made.states[0]!, made.states[1]!];
        const [held, heldSlot] = [hold(p), hold(slot)];
        await steps(made, 2);
        assertIdentical('The tensor held', await take(held), start);
        assertIdentical('The slot held', await take(heldSlot), new Float32Array(SIZE));
        dispose(made.states);
      },
    })),
    {
      name: `${name} gives the same numbers whether values are held or not`,
      async run() {
        const [alone, held] = [rule([fresh()]), rule([fresh()])];
        const kept: Tensor[] = [];
        for (let i = 0; i < 3; i++) {
          await steps(alone, 1);
          kept.push(...held.states.map((s) => s.value));
          await steps(held, 1);
        }
        for (const [i, s] of alone.states.entries()) {
          const expected = await take(s.value);
          assertIdentical(`State ${i}`, await take(held.states[i]!.value), expected);
        }
        dispose([kept, alone.states, held.states]);
      },
    },
    {
      name: `the tensor that a State was made from keeps its elements over ${name}`,
      async run() {
        const initial = tensor(start);
        const made = rule([new State(initial)]);
        await steps(made, 2);
        assertIdentical('The tensor', await take(initial), start);
        dispose(made.states);
      },
    },
    {
      name: `two States that share storage part over ${name}`,
      async run() {
        const p = fresh();
        const other = tidy(() => new State(p.value));
        const made = rule([p]);
        await steps(made, 1);
        assertIdentical('The other State', await take(other.value), start);
        dispose([other, made.states]);
      },
    },
    {
      name: `a read that is under way gives the elements from before ${name}`,
      async run() {
        const made = rule([fresh()]);
        const value = made.parameters[0]!.value;
        const reading = value.data();
        value.dispose();
        await steps(made, 1);
        assertIdentical('What was read', (await reading) as Float32Array, start);
        dispose(made.states);
      },
    },
    {
      name: `${name} neither frees nor changes its gradient`,
      async run() {
        const made = rule([fresh()]);
        const g = tensor(slope);
        made.step([g]);
        assertIdentical('The gradient', await take(g), slope);
        dispose(made.states);
      },
    },
    {
      name: `twenty times ${name} needs no more memory than one`,
      async run() {
        const made = rule([fresh()]);
        await steps(made, 1);
        await assertNoLeak('Twenty updates', () => steps(made, 20));
        dispose(made.states);
      },
    },
  ];
}

const assignment: readonly Check[] = [
  {
    name: 'a value read before keeps its elements over assign()',
    async run() {
      const state = fresh();
      const held = state.value;
      tidy(() => assign(state, add(held, 1)));
      assertIdentical('The value', await take(held), start);
      assertIdentical(
        'The State',
        await take(state.value),
        start.map((v) => Math.fround(v + 1)),
      );
      state.dispose();
    },
  },
  {
    name: 'assign() and value share storage and copy nothing',
    async run() {
      const state = fresh();
      const next = tensor(slope);
      const before = backend().numDataIds();
      assign(state, next);
      assertEqual('Storages after assign()', backend().numDataIds(), before - 1);
      const value = state.value;
      assertEqual('Storages after a read', backend().numDataIds(), before - 1);
      next.dispose();
      assertIdentical('The value', await numbers(value), slope);
      value.dispose();
      assertIdentical('The State', await take(state.value), slope);
      state.dispose();
    },
  },
  {
    name: 'assigning a State its own value changes nothing',
    async run() {
      const state = fresh();
      await assertNoLeak('assign()', () => tidy(() => assign(state, state.value)));
      assertIdentical('The State', await take(state.value), start);
      state.dispose();
    },
  },
  {
    name: 'assign() refuses another shape or dtype and changes nothing',
    async run() {
      const state = fresh();
      for (const wrong of [tensor([1]), tensor(new Int32Array(SIZE), [SIZE], 'int32')]) {
        const error = assertThrowsCleanly('assign()', () => assign(state, wrong));
        assertThat(
          error instanceof ShapeError,
          `assign() must throw a ShapeError. Received: ${error.name}.`,
        );
        wrong.dispose();
      }
      assertIdentical('The State', await take(state.value), start);
      state.dispose();
    },
  },
  {
    name: 'a State that was disposed frees its storage and says so when read',
    async run() {
      await assertNoLeak('A State', () => fresh().dispose());
      const state = fresh();
      state.dispose();
      const error = assertThrowsCleanly('Reading it', () => state.value);
      assertThat(
        error instanceof BackendError,
        `It must throw a BackendError. Received: ${error.name}.`,
      );
    },
  },
];

function fresh(): State {
  return tidy(() => new State(tensor(start)));
}

async function steps(rule: Rule, count: number): Promise<void> {
  const g = tensor(slope);
  for (let i = 0; i < count; i++) rule.step([g]);
  g.dispose();
}
