/** Values go in and come out as copies. */
import { add, identity, reshape, State, tensor, tidy, zeros } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, assertThat, numbers, take } from '../compare.js';

type Typed = Float32Array | Int32Array | Uint8Array;

export function reads(): Check[] {
  return [
    {
      name: 'writing to what data() gave changes no tensor',
      async run() {
        const x = tensor([1, 2, 3, 4]);
        const views = [identity(x), reshape(x, [2, 2])];
        const read = (await x.data()) as Float32Array;
        read.fill(9);
        for (const t of [x, ...views])
          assertIdentical('The tensor', await numbers(t), [1, 2, 3, 4]);
        assertIdentical('A sum with it', await take(add(x, 1)), [2, 3, 4, 5]);
        for (const t of [x, ...views]) t.dispose();
      },
    },
    {
      name: "writing to what a kernel's result gave changes nothing",
      async run() {
        const [x, y] = tidy(() => {
          const sum = add(tensor([1, 2]), 1);
          return [sum, identity(sum)];
        });
        ((await x!.data()) as Float32Array).fill(9);
        assertIdentical('The result', await take(x!), [2, 3]);
        assertIdentical('Its clone', await take(y!), [2, 3]);
      },
    },
    {
      name: 'what was read stays when its tensor is freed and its memory used again',
      async run() {
        const x = add(tensor(new Float32Array(1000).fill(1)), 1);
        const read = await take(x);
        const others = Array.from({ length: 4 }, (_, i) => add(zeros([1000]), i + 5));
        assertIdentical('What was read', read, new Float32Array(1000).fill(2));
        for (const t of others) t.dispose();
      },
    },
    {
      name: 'a State is read as a copy',
      async run() {
        const initial = tensor([1, 2]);
        const state = new State(initial);
        initial.dispose();
        const value = state.value;
        ((await value.data()) as Float32Array).fill(9);
        assertIdentical('The State', await take(value), [1, 2]);
        assertIdentical('The State', await take(state.value), [1, 2]);
        state.dispose();
      },
    },
    ...(
      [
        ['float32', Float32Array.of(1, 2, 3)],
        ['int32', Int32Array.of(1, 2, 3)],
        ['bool', Uint8Array.of(1, 0, 1)],
      ] as const
    ).map(([dtype, source]: readonly ['float32' | 'int32' | 'bool', Typed]) => ({
      name: `tensor() copies, and data() gives the array type of ${dtype}`,
      async run() {
        const expected = Array.from(source);
        const given = source.slice();
        const t = tensor(given, [3], dtype);
        given.fill(0);
        const read = await t.data();
        assertThat(
          Object.prototype.toString.call(read) === Object.prototype.toString.call(source),
          `data() of ${dtype} gives ${source.constructor.name}. Received: ${read.constructor.name}.`,
        );
        assertIdentical('The tensor', read as Typed, expected);
        t.dispose();
      },
    })),
    {
      name: 'array() nests by shape',
      async run() {
        for (const [values, shape] of [
          [
            [
              [1, 2],
              [3, 4],
              [5, 6],
            ],
            [3, 2],
          ],
          [7, []],
          [[], [0]],
        ] as const) {
          const t = tensor(values, shape);
          assertEqual('array() is wrong', await t.array(), values);
          t.dispose();
        }
      },
    },
    {
      name: 'special floats survive the way in and out',
      async run() {
        const values = [Infinity, -Infinity, Number.NaN, -0, 1e-45, 3.4028234663852886e38];
        const t = tensor(values);
        // Subnormal numbers may be flushed to zero by an engine.
        const read = Array.from(await take(t), (v, i) =>
          i === 4 && v === 0 ? Math.fround(1e-45) : v,
        );
        assertIdentical('The tensor', read, Float32Array.from(values));
      },
    },
  ];
}
