import { beforeAll, describe, expect, it } from 'vitest';
import golden from '../../test/golden/recurrent.json' with { type: 'json' };
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { tensor, zeros } from '../create.js';
import { ShapeError } from '../errors.js';
import { dispose, memory } from '../memory.js';
import { addN, concat, expandDims, mul, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { gru } from './gru.js';
import { lstm } from './lstm.js';

beforeAll(async () => void (await use(testEngine())));

type Case = (typeof golden)[number];
type Values = Case['inputs'][number];

const made = ({ shape, data }: Values): Tensor => tensor(Float32Array.from(data), shape);

async function near(actual: Tensor, { shape, data }: Values, tolerance = 1e-5): Promise<void> {
  expect(actual.shape).toEqual(shape);
  const values = await actual.data();
  data.forEach((v, i) => {
    expect(Math.abs((values[i] as number) - v)).toBeLessThan(tolerance * Math.max(1, Math.abs(v)));
  });
}

/** Outputs of a case, as a function of x, the four weights and the initial states. */
function operation(c: Case): (...inputs: Tensor[]) => Tensor[] {
  const lengths = c.lengths === null ? undefined : tensor(c.lengths, [3], 'int32');
  return (...inputs) => {
    const [x, weightIh, weightHh, biasIh, biasHh, hidden, cell] = inputs as [
      ...[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor],
      Tensor | undefined,
    ];
    const weights = { weightIh, weightHh, biasIh, biasHh };
    const { reverse } = c;
    if (cell === undefined) {
      const y = gru(x, weights, { lengths, reverse, initialState: hidden });
      return [y.output, y.hidden];
    }
    const y = lstm(x, weights, { lengths, reverse, initialState: { hidden, cell } });
    return [y.output, y.hidden, y.cell];
  };
}

const weighted = (ys: readonly Tensor[], factors: readonly Tensor[]): Tensor =>
  addN(ys.map((y, i) => sum(mul(y, factors[i]!))));

describe.each(golden)('$kind, reverse $reverse, lengths $lengths', (c) => {
  it('agrees with PyTorch, gradients included', async () => {
    const f = operation(c);
    const inputs = c.inputs.map(made);
    const dys = c.dys.map(made);
    const before = memory().numTensors;
    const outputs = f(...inputs);
    expect(memory().numTensors).toBe(before + outputs.length);
    for (const [i, y] of outputs.entries()) await near(y, c.outputs[i]!);
    dispose(outputs);

    const { value, grads } = valueAndGrad((...xs: Tensor[]) => weighted(f(...xs), dys))(...inputs);
    for (const [i, g] of grads.entries()) await near(g, c.gradients[i]!);
    dispose([value, grads]);
    expect(memory().numTensors).toBe(before);
  });

  it('has the second derivatives of PyTorch', async () => {
    const f = operation(c);
    const inputs = c.inputs.map(made);
    const dys = c.dys.map(made);
    const directions = c.directions.map(made);
    const before = memory().numTensors;
    const along = (...xs: Tensor[]): Tensor =>
      weighted(valueAndGrad((...ys: Tensor[]) => weighted(f(...ys), dys))(...xs).grads, directions);
    const { value, grads } = valueAndGrad(along)(...inputs);
    for (const [i, g] of grads.entries()) await near(g, c.seconds[i]!, 1e-4);
    dispose([value, grads]);
    expect(memory().numTensors).toBe(before);
  });
});

const weightsOf = (gates: number, inputs: number, hidden: number) => ({
  weightIh: zeros([gates * hidden, inputs]),
  weightHh: zeros([gates * hidden, hidden]),
});

describe('lstm() and gru()', () => {
  it('have biases and states of zero by default', async () => {
    const one = tensor([[[1]]]);
    const weightIh = tensor([[1], [2], [3], [4]]);
    const weightHh = tensor([[5], [6], [7], [8]]);
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    const c = sigmoid(1) * Math.tanh(3);
    const { hidden, cell } = lstm(one, { weightIh, weightHh });
    await near(cell, { shape: [1, 1], data: [c] });
    await near(hidden, { shape: [1, 1], data: [sigmoid(4) * Math.tanh(c)] });

    const three = tensor([[1], [2], [3]]);
    const y = gru(one, { weightIh: three, weightHh: three }).output;
    await near(y, { shape: [1, 1, 1], data: [(1 - sigmoid(2)) * Math.tanh(3)] });
  });

  it('take the gradient of the last state alone', async () => {
    const [x, ...rest] = golden[0]!.inputs.map(made) as [Tensor, ...Tensor[]];
    const [, last] = golden[0]!.dys.map(made);
    const f = operation(golden[0]!);
    const byHidden = grad((v: Tensor) => sum(mul(f(v, ...rest)[1]!, last!)))(x);
    // The output's last step is the last state.
    const atEnd = concat([zeros([3, 3, 3]), expandDims(last!, 1)], 1);
    const byOutput = grad((v: Tensor) => sum(mul(f(v, ...rest)[0]!, atEnd)))(x);
    const values = Array.from((await byOutput.data()) as Float32Array);
    await near(byHidden, { shape: [3, 4, 2], data: values });
  });

  it('take no sequence, and sequences of no step', async () => {
    const weights = weightsOf(4, 2, 3);
    const none = lstm(zeros([0, 5, 2]), weights);
    expect([none.output.shape, none.hidden.shape, none.cell.shape]).toEqual([
      [0, 5, 3],
      [0, 3],
      [0, 3],
    ]);
    const hidden = tensor([[1, 2, 3]]);
    const empty = gru(zeros([1, 0, 2]), weightsOf(3, 2, 3), { initialState: hidden });
    expect(empty.output.shape).toEqual([1, 0, 3]);
    expect(await empty.hidden.array()).toEqual([[1, 2, 3]]);
  });

  it('refuse what does not fit', () => {
    const weights = weightsOf(4, 2, 3);
    const x = zeros([2, 5, 2]);
    expect(() => lstm(zeros([5, 2]), weights)).toThrow('sequences x [N, T, features]');
    expect(() => lstm(zeros([2, 5, 4]), weights)).toThrow(
      'weightIh of lstm() is float32 of shape [12, 4]',
    );
    expect(() => lstm(x, { ...weights, weightHh: zeros([3, 12]) })).toThrow(ShapeError);
    expect(() => lstm(x, { ...weights, biasHh: zeros([3]) })).toThrow('biasHh');
    expect(() => lstm(x, weights, { lengths: zeros([2]) })).toThrow('lengths of lstm() are int32');
    expect(() =>
      lstm(x, weights, { initialState: { hidden: zeros([2, 3]), cell: zeros([1, 3]) } }),
    ).toThrow('initialState.cell of lstm() is float32 of shape [2, 3]');
    expect(() => lstm(x, weights, { initialState: zeros([2, 3]) as never })).toThrow(
      'initialState of lstm() is { hidden, cell }',
    );
    expect(() => gru(x, weights)).toThrow('weightHh of gru()');
    expect(() => gru(x, weightsOf(3, 2, 3), { initialState: zeros([3, 3]) })).toThrow(
      'initialState of gru() is float32 of shape [2, 3]',
    );
    expect(() => gru(x, undefined as never)).toThrow('{ weightIh, weightHh, biasIh, biasHh }');
  });
});
