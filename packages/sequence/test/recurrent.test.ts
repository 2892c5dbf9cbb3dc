import { readFileSync } from 'node:fs';
import {
  addN,
  compile,
  ConfigError,
  memory,
  mul,
  Rng,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { ElmanRNN, GRU, LSTM } from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

interface Golden {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly lengths: number[] | null;
  readonly x: Golden;
  readonly state: Golden[];
  readonly parameters: Record<string, Golden>;
  readonly outputs: Golden[];
  readonly dys: Golden[];
  readonly dx: Golden;
  readonly dState: Golden[];
  readonly dParameters: Record<string, Golden>;
}

const cases = JSON.parse(
  readFileSync(new URL('golden/recurrent.json', import.meta.url), 'utf8'),
) as Record<string, Case>;

const made = ({ shape, data }: Golden): Tensor => tensor(Float32Array.from(data), shape);

async function expectClose(what: string, actual: Tensor, golden: Golden): Promise<void> {
  expect([what, actual.shape]).toEqual([what, golden.shape]);
  const values = await actual.data();
  golden.data.forEach((g, i) => {
    const error = Math.abs((values[i] as number) - g) / Math.max(1, Math.abs(g));
    expect(error, what).toBeLessThan(1e-5);
  });
}

type Layer = ElmanRNN | GRU | LSTM;

/** Outputs in PyTorch's order. */
function outputsOf(
  layer: Layer,
  x: Tensor,
  lengths: Tensor | undefined,
  state: Tensor[],
): Tensor[] {
  const [hidden, cell] = state;
  if (layer instanceof LSTM) {
    const initialState = hidden && { hidden, cell: cell! };
    const y = layer.forward(x, { lengths, initialState });
    return [y.output, y.hidden, y.cell];
  }
  const y = layer.forward(x, { lengths, initialState: hidden });
  return [y.output, y.hidden];
}

/** Values, and gradients of inputs, states and parameters, are PyTorch's. */
async function check(layer: Layer, name: string): Promise<void> {
  const golden = cases[name]!;
  const parameters = layer.parameters();
  expect(parameters.map((p) => p.externalName)).toEqual(Object.keys(golden.parameters));
  const paths = [...layer.namedParameters()].map(([path]) => path);
  layer.loadStateDict(
    Object.fromEntries(paths.map((p, i) => [p, golden.parameters[parameters[i]!.externalName!]!])),
  );
  const x = made(golden.x);
  const state = golden.state.map(made);
  const lengths = golden.lengths ? tensor(golden.lengths, [3], 'int32') : undefined;
  const dys = golden.dys.map(made);
  const before = memory().numTensors;

  const outputs = outputsOf(layer, x, lengths, state);
  expect(memory().numTensors).toBe(before + outputs.length);
  for (const [i, y] of outputs.entries()) await expectClose(`output ${i}`, y, golden.outputs[i]!);

  const loss = (...inputs: Tensor[]): Tensor =>
    addN(
      outputsOf(layer, inputs[0]!, lengths, inputs.slice(1)).map((y, i) => sum(mul(y, dys[i]!))),
    );
  const { grads } = valueAndGrad(loss)(x, ...state);
  await expectClose('x', grads[0]!, golden.dx);
  for (const [i, d] of golden.dState.entries()) await expectClose(`state ${i}`, grads[i + 1]!, d);

  const ofParameters = valueAndGrad(() => loss(x, ...state), layer)().grads;
  for (const [path, p] of layer.namedParameters()) {
    await expectClose(path, ofParameters[path]!, golden.dParameters[p.externalName!]!);
  }
}

describe('outputs and gradients are those of PyTorch', () => {
  const both = { numLayers: 2, bidirectional: true };
  test('LSTM', () => check(new LSTM(4, 3), 'lstm'));
  test('LSTM, three layers, without bias', () =>
    check(new LSTM(4, 3, { numLayers: 3, bias: false }), 'lstmStacked'));
  test('LSTM, two layers in both directions, of several lengths', () =>
    check(new LSTM(4, 3, both), 'lstmPacked'));
  test('GRU', () => check(new GRU(4, 3), 'gru'));
  test('GRU, two layers in both directions, of several lengths', () =>
    check(new GRU(4, 3, both), 'gruPacked'));
  test('ElmanRNN', () => check(new ElmanRNN(4, 3), 'rnn'));
  test('ElmanRNN with ReLU, without bias', () =>
    check(new ElmanRNN(4, 3, { nonlinearity: 'relu', bias: false }), 'rnnRelu'));
  test('ElmanRNN, two layers in both directions, of several lengths', () =>
    check(new ElmanRNN(4, 3, both), 'rnnPacked'));
});

describe('recurrent layers', () => {
  it('begin uniform in ±1/√hiddenSize', async () => {
    const layer = new GRU(100, 25, { rng: new Rng(1) });
    for (const p of layer.parameters()) {
      const values = Array.from((await p.value.data()) as Float32Array);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.2);
      expect(Math.max(...values)).toBeGreaterThan(0.18);
      expect(Math.min(...values)).toBeLessThan(-0.18);
    }
  });

  it('drop outputs between layers, in training alone', async () => {
    const x = new Rng(2).normal([2, 6, 3]);
    const read = async (layer: LSTM): Promise<number[]> =>
      Array.from((await layer.forward(x).output.data()) as Float32Array);
    const layer = new LSTM(3, 8, { numLayers: 2, dropout: 0.5, rng: new Rng(1) });
    const first = await read(layer);
    expect(await read(layer)).not.toEqual(first);
    layer.eval();
    const steady = await read(layer);
    expect(await read(layer)).toEqual(steady);
    const plain = new LSTM(3, 8, { numLayers: 2 });
    plain.loadStateDict(layer.stateDict());
    expect(await read(plain)).toEqual(steady);
    // There is nothing between the layers of one.
    const single = new LSTM(3, 8, { dropout: 0.5, rng: new Rng(1) });
    expect(await read(single)).toEqual(await read(single));
  });

  it.each([ElmanRNN, GRU, LSTM])('compute compiled what they do eagerly: %o', async (Layer) => {
    const layer = new Layer(3, 5, { numLayers: 2, bidirectional: true, rng: new Rng(1) });
    const x = new Rng(2).normal([2, 4, 3]);
    const lengths = tensor([4, 2], [2], 'int32');
    const dy = new Rng(3).normal([2, 4, 10]);
    const step = (input: Tensor): Tensor[] => {
      const loss = (): Tensor => sum(mul(layer.forward(input, { lengths }).output, dy));
      const { value, grads } = valueAndGrad(loss, layer)();
      return [value, ...Object.values(grads)];
    };
    const eager = step(x);
    const program = compile(step);
    for (let call = 0; call < 2; call++) {
      for (const [i, y] of program(x).entries()) {
        const { shape } = eager[i]!;
        const data = Array.from((await eager[i]!.data()) as Float32Array);
        await expectClose(`result ${i}`, y, { shape, data });
      }
    }
  });

  it('continue from the state that they left', async () => {
    const x = new Rng(3).normal([2, 6, 3]);
    const layer = new ElmanRNN(3, 5, { rng: new Rng(1) });
    const whole = (await layer.forward(x).output.array()) as number[][][];
    const at = (await x.array()) as number[][][];
    const part = (from: number, to: number): Tensor => tensor(at.map((s) => s.slice(from, to)));
    const half = layer.forward(part(0, 3));
    const rest = layer.forward(part(3, 6), { initialState: half.hidden });
    expect(await rest.output.array()).toEqual(whole.map((s) => s.slice(3)));
  });

  it.each([ElmanRNN, GRU, LSTM])('refuse what does not fit: %o', (Layer) => {
    expect(() => new Layer(0, 3)).toThrow(`inputSize of ${Layer.name} is a whole number`);
    expect(() => new Layer(3, 1.5)).toThrow(ConfigError);
    expect(() => new Layer(3, 3, { numLayers: 0 })).toThrow('numLayers');
    expect(() => new Layer(3, 3, { dropout: 1 })).toThrow('[0, 1)');
    expect(() => new Layer(3, 3, { bidirectionnal: true } as object)).toThrow('bidirectional');
    const layer = new Layer(3, 2, { numLayers: 2 });
    expect(() => layer.forward(zeros([4, 3]))).toThrow(`${Layer.name} expects float32 sequences`);
    expect(() => layer.forward(zeros([1, 4, 2]))).toThrow('[N, T, 3]');
    expect(() => layer.forward(zeros([1, 4, 3]), { lengths: zeros([1]) })).toThrow('int32');
    const state = zeros([1, 1, 2]);
    const initialState = (Layer === LSTM ? { hidden: state, cell: state } : state) as never;
    expect(() => layer.forward(zeros([1, 4, 3]), { initialState })).toThrow(ShapeError);
    expect(() => layer.forward(zeros([1, 4, 3]), { initialState })).toThrow('Expected: [2, 1, 2]');
  });

  it('refuse another nonlinearity', () => {
    expect(() => new ElmanRNN(2, 2, { nonlinearity: 'sine' as 'tanh' })).toThrow(
      "'tanh' or 'relu'",
    );
  });
});
