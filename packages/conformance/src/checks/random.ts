/** Random numbers: the same on every engine, bit by bit (normal ones to 1e-6). */
import { ones, philox, Rng, tensor, tidy, vjp } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertEqual, assertIdentical, assertThat, take } from '../compare.js';
import { runKernel } from '../kernel.js';
import {
  type Draw,
  integerReference,
  keptReference,
  normalReference,
  philoxReference,
  uniformReference,
} from './philox-reference.js';

/** Known answers of the reference implementation (Random123, kat_vectors). */
const knownAnswers: readonly [Draw['counter'], Draw['key'], readonly number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

const draws: Readonly<Record<string, Draw>> = {
  'from zero': { key: [0, 0], counter: [0, 0, 0, 0] },
  'of large words': {
    key: [0xdeadbeef, 0xfedcba98],
    counter: [7, 0xfffffff0, 0xffffffff, 2 ** 31],
  },
  'over a carry of the counter': { key: [1, 2], counter: [0xfffffffe, 0xffffffff, 3, 4] },
};

/** Shapes whose sizes end in the middle of a block, and one that an engine may split among threads. */
const shapes: readonly (readonly number[])[] = [[], [1], [3], [2, 2], [5, 7], [1, 4099], [0, 3]];

export function randomNumbers(): Check[] {
  const checks: Check[] = [
    {
      name: 'Philox gives the known answers',
      run() {
        for (const [counter, key, words] of knownAnswers) {
          assertIdentical('The words', philox(counter, key), words);
          assertIdentical("The reference's words", philoxReference(counter, key), words);
        }
      },
    },
  ];
  for (const [where, draw] of Object.entries(draws)) {
    checks.push(
      {
        name: `uniform numbers ${where} are bit-identical`,
        run: () =>
          forShapes(async (shape, size) => {
            for (const [min, max] of [
              [0, 1],
              [-0.1, 0.7],
              [-3, 1e6],
            ] as const) {
              const received = runKernel('StrataRandomUniform', {}, { shape, min, max, draw });
              assertEqual('The shape of a draw is wrong', received.shape, shape);
              assertIdentical(
                'The draw',
                await take(received),
                uniformReference(draw, size, min, max),
              );
            }
          }),
      },
      {
        name: `integers ${where} are bit-identical`,
        run: () =>
          forShapes(async (shape, size) => {
            for (const [min, max] of [
              [0, 10],
              [-5, 3],
              [-(2 ** 31), 2 ** 31 - 1],
            ] as const) {
              const received = runKernel('StrataRandomInt', {}, { shape, min, max, draw });
              assertEqual('The dtype of integers is wrong', received.dtype, 'int32');
              assertIdentical(
                'The draw',
                await take(received),
                integerReference(draw, size, min, max),
              );
            }
          }),
      },
      {
        name: `normal numbers ${where} are equal to 1e-6`,
        run: () =>
          forShapes(async (shape, size) => {
            for (const [mean, std] of [
              [0, 1],
              [2, 0.5],
            ] as const) {
              const received = await take(
                runKernel('StrataRandomNormal', {}, { shape, mean, std, draw }),
              );
              const expected = normalReference(draw, size, mean, std);
              for (let i = 0; i < size; i++) {
                // Absolute: near 0 and far out in the tail alike, of numbers of the order of 1.
                assertThat(
                  Math.abs(received[i]! - expected[i]!) <=
                    1e-6 * Math.max(1, Math.abs(expected[i]!)),
                  `Element ${i} of ${size} differs. Expected: ${expected[i]}. Received: ${received[i]}.`,
                );
              }
              assertEqual('The number of elements is wrong', received.length, size);
            }
          }),
      },
      {
        name: `dropout ${where} keeps the same elements, and its gradient, too`,
        run: () =>
          forShapes(async (shape, size) => {
            for (const rate of [0, 0.1, 0.5, 0.999]) {
              const kept = keptReference(draw, size, rate);
              const dropped = (x: Parameters<typeof runKernel>[1][string]) =>
                runKernel('StrataDropout', { x }, { rate, draw });
              const [y, dx] = tidy(() => {
                const x = ones(shape);
                const { value, pullback } = vjp(dropped, x);
                return [value, pullback(tensor(new Float32Array(size).fill(2), shape))[0]!];
              });
              const scale = 1 / (1 - rate);
              // Relative 1e-6: KERNELS.md leaves open whether to multiply by 1/(1 − r) or to divide.
              const tolerance = { relative: 1e-6 };
              assertClose(
                'The result',
                await take(y!),
                kept.map((k) => (k ? scale : 0)),
                tolerance,
              );
              assertClose(
                'The gradient',
                await take(dx!),
                kept.map((k) => (k ? 2 * scale : 0)),
                tolerance,
              );
            }
          }),
      },
    );
  }
  checks.push({
    name: 'a generator draws the same on the engine as on the host',
    async run() {
      const [engine, host] = [new Rng(42), new Rng(42)];
      for (let i = 0; i < 3; i++) {
        assertIdentical(
          'Uniform numbers',
          await take(engine.uniform([7], { min: -1, max: 1 })),
          host.uniformArray(7, { min: -1, max: 1 }),
        );
        assertClose(
          'Normal numbers',
          await take(engine.normal([7], { mean: 0, std: 1 })),
          host.normalArray(7, { mean: 0, std: 1 }),
          { relative: 0, ofGreatest: 1e-6 },
        );
      }
    },
  });
  checks.push({
    name: 'Bernoulli draws are the uniform numbers below p',
    async run() {
      for (const p of [0, 0.3, 0.5, 1]) {
        const u = uniformReference(new Rng(42).take(0), 21, 0, 1);
        const received = await take(new Rng(42).bernoulli([21], p));
        assertIdentical(
          'The draws',
          received,
          u.map((v) => Number(v < p)),
        );
      }
    },
  });
  return checks;
}

async function forShapes(
  check: (shape: readonly number[], size: number) => Promise<void>,
): Promise<void> {
  for (const shape of shapes)
    await check(
      shape,
      shape.reduce((a, b) => a * b, 1),
    );
}
