// Attention and Transformer layers against PyTorch, from the same weights: golden/attention.py.
import { readFileSync } from 'node:fs';
import {
  cast,
  ConfigError,
  memory,
  mul,
  ones,
  Rng,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '@stratajs/core';
import type { Module } from '@stratajs/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  MultiHeadAttention,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly inputs: Recorded[];
  readonly state: Record<string, Recorded>;
  readonly y: Recorded;
  readonly r: Recorded;
  readonly dInputs: Recorded[];
  readonly dState: Record<string, Recorded>;
  readonly mask?: Recorded;
}

const file = new URL('golden/attention.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case>;
const made = ({ shape, data }: Recorded): Tensor => tensor(Float32Array.from(data), shape);

async function expectClose(actual: Tensor, golden: Recorded, what: string): Promise<void> {
  expect([what, ...actual.shape]).toEqual([what, ...golden.shape]);
  const values = await actual.data();
  const worst = golden.data.reduce((most, g, i) => {
    const error = Math.abs((values[i] as number) - g) / Math.max(1, Math.abs(g));
    return error <= most ? most : error; // takes NaN, too
  }, 0);
  expect([what, worst < 1e-4 ? 'close' : worst]).toEqual([what, 'close']);
}

/** Our path → PyTorch's name: modules in snake case, parameters by their external name. */
function torchNames(model: Module): Map<string, string> {
  return new Map(
    [...model.namedParameters()].map(([path, { externalName }]) => {
      const modules = path.split('.').slice(0, -1);
      const snake = modules.map((m) => m.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
      return [path, [...snake, externalName].join('.')];
    }),
  );
}

async function check(
  name: string,
  model: Module,
  forward: (...inputs: Tensor[]) => Tensor,
): Promise<void> {
  const golden = cases[name]!;
  const names = torchNames(model);
  expect([...names.values()].sort()).toEqual(Object.keys(golden.state).sort());
  model.loadStateDict(
    Object.fromEntries([...names].map(([path, torch]) => [path, golden.state[torch]!])),
  );
  const inputs = golden.inputs.map(made);
  const r = made(golden.r);
  const { value, pullback } = vjp(forward, ...inputs);
  await expectClose(value, golden.y, 'y');
  for (const [i, g] of pullback(r).entries()) {
    await expectClose(g, golden.dInputs[i]!, `gradient of input ${i}`);
  }
  const { grads } = valueAndGrad(() => sum(mul(forward(...inputs), r)), model)();
  for (const [path, g] of Object.entries(grads)) {
    await expectClose(g, golden.dState[names.get(path)!]!, path);
  }
}

/** As in golden/attention.py. */
function pattern(rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => ((i * 3) % 4 === 0 ? 0 : 1));
  return cast(tensor(values, [rows, columns]), 'bool');
}

const lengths = (...values: number[]): Tensor => tensor(values, [values.length], 'int32');

describe('MultiHeadAttention, against PyTorch', () => {
  const layer = (): MultiHeadAttention => new MultiHeadAttention(6, 2);

  it('of a sequence to itself', async () => {
    const mha = layer();
    await check('self', mha, (x) => mha.forward(x!));
  });

  it('of sequences of several lengths', async () => {
    const mha = layer();
    const masks = { lengths: lengths(5, 2) };
    await check('selfLengths', mha, (x) => mha.forward(x!, x, x, masks));
    const keys = cast(tensor([1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [2, 1, 1, 5]), 'bool');
    await check('selfLengths', mha, (x) => mha.forward(x!, x, x, { mask: keys }));
  });

  it('to another sequence, with a mask', async () => {
    const mha = layer();
    await check('memory', mha, (x, m) => mha.forward(x!, m, m, { mask: pattern(3, 4) }));
  });

  it('with keys and values of other features, without bias', async () => {
    const mha = new MultiHeadAttention(6, 3, { bias: false, keyFeatures: 4, valueFeatures: 5 });
    await check('features', mha, (q, k, v) => mha.forward(q!, k, v));
  });
});

describe('Transformer layers, against PyTorch', () => {
  const options = { feedForwardFeatures: 8, dropout: 0 };

  it('encoder', async () => {
    const encoder = new TransformerEncoderLayer(6, 2, options);
    await check('encoder', encoder, (x) => encoder.forward(x!, { lengths: lengths(5, 3) }));
    const mask = made(cases['encoderAdded']!.mask!);
    await check('encoderAdded', encoder, (x) => encoder.forward(x!, { mask }));
  });

  it('encoder with norms first, GELU and a causal mask', async () => {
    const encoder = new TransformerEncoderLayer(6, 3, {
      ...options,
      activation: 'gelu',
      normFirst: true,
      layerNormEps: 1e-3,
    });
    await check('encoderFirst', encoder, (x) => encoder.forward(x!, { causal: true }));
  });

  it('decoder', async () => {
    const decoder = new TransformerDecoderLayer(6, 2, options);
    const masks = {
      target: { causal: true, lengths: lengths(5, 3) },
      memory: { lengths: lengths(4, 2) },
    };
    await check('decoder', decoder, (x, m) => decoder.forward(x!, m!, masks));
  });

  it('decoder with norms first, GELU and a mask of the memory', async () => {
    const decoder = new TransformerDecoderLayer(6, 2, {
      ...options,
      activation: 'gelu',
      normFirst: true,
    });
    const masks = { memory: { mask: pattern(5, 4) } };
    await check('decoderFirst', decoder, (x, m) => decoder.forward(x!, m!, masks));
  });
});

describe('dropout of attention', () => {
  it('drops weights in training alone, and scales the others', async () => {
    const mha = new MultiHeadAttention(4, 2, { dropout: 0.5, rng: new Rng(3) });
    const x = new Rng(4).normal([1, 6, 4]);
    const values = async (): Promise<number[]> => [...(await mha.forward(x).data())] as number[];
    mha.eval();
    const plain = await values();
    expect(await values()).toEqual(plain);
    mha.train();
    const draws = 1500;
    const mean = plain.map(() => 0);
    for (let i = 0; i < draws; i++) (await values()).forEach((v, j) => (mean[j]! += v / draws));
    expect(await values()).not.toEqual(await values());
    mean.forEach((m, j) => expect(Math.abs(m - plain[j]!)).toBeLessThan(0.06));
  });
});

it('layers leak nothing', () => {
  const decoder = new TransformerDecoderLayer(4, 2, { feedForwardFeatures: 8 });
  const encoder = new TransformerEncoderLayer(4, 2, { feedForwardFeatures: 8 });
  const x = ones([2, 3, 4]);
  const before = memory().numTensors;
  for (const mode of ['train', 'eval'] as const) {
    encoder[mode]();
    decoder[mode]();
    const { value, grads } = valueAndGrad(
      () => sum(decoder.forward(x, encoder.forward(x), { target: { causal: true } })),
      decoder,
    )();
    value.dispose();
    for (const g of Object.values(grads)) g.dispose();
  }
  expect(() => decoder.forward(x, ones([3, 3, 4]))).toThrow(ShapeError);
  expect(memory().numTensors).toBe(before + 1); // the wrong memory itself
});

it.each([
  ['no heads', () => new MultiHeadAttention(4, 0), ConfigError, /numHeads.*0/],
  ['heads that do not divide', () => new MultiHeadAttention(4, 3), ConfigError, /4 features, 3/],
  [
    'an unknown option',
    () => new MultiHeadAttention(4, 2, { kdim: 3 } as never),
    ConfigError,
    /Unknown option.*'kdim'/,
  ],
  [
    'an unknown activation',
    () => new TransformerEncoderLayer(4, 2, { activation: 'tanh' as never }),
    ConfigError,
    /'relu' or 'gelu'.*'tanh'/,
  ],
  [
    'a rate of 1',
    () => new TransformerDecoderLayer(4, 2, { dropout: 1 }),
    ConfigError,
    /rate of Dropout/,
  ],
  [
    'an unbatched sequence',
    () => new MultiHeadAttention(4, 2).forward(zeros([3, 4])),
    ShapeError,
    /query.*\[N, time, 4\].*\[3, 4\].*expandDims/,
  ],
  [
    'another batch of keys',
    () => new MultiHeadAttention(4, 2).forward(zeros([2, 3, 4]), zeros([3, 3, 4])),
    ShapeError,
    /key.*\[2, time, 4\].*\[3, 3, 4\]/,
  ],
  [
    'a mask of another name',
    () => new TransformerEncoderLayer(4, 2).forward(zeros([2, 3, 4]), { length: 3 } as never),
    ConfigError,
    /'length'.*lengths/,
  ],
])('%s: refused', (_, call, kind, message) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
