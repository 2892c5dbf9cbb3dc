import {
  assign,
  CheckpointError,
  ConfigError,
  firstNonFinite,
  memory,
  type NamedGradients,
  Parameter,
  Scalar,
  ShapeError,
  tensor,
  tidy,
} from '@stratajs/core';
import { Linear } from '@stratajs/layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { Adam, type AdamOptions, AdamW, type Optimizer, SGD } from '../src/index.js';
import { startEngine } from './engine.js';
import { expectClose, fromGolden, type Golden, readGolden } from './golden-values.js';

type Named = Readonly<Record<string, Golden>>;
interface Run {
  readonly kind: 'SGD' | 'Adam' | 'AdamW';
  readonly options: object;
  readonly after: readonly Named[];
}
const golden = readGolden<{
  start: Named;
  grads: readonly Named[];
  rates: readonly number[];
  runs: Record<string, Run>;
}>('optimizers');
const kinds = { SGD, Adam, AdamW } as const;

beforeAll(startEngine);

function parameters(): Map<string, Parameter> {
  return tidy(
    () => new Map(Object.entries(golden.start).map(([n, g]) => [n, new Parameter(fromGolden(g))])),
  );
}

function gradients(step: number): NamedGradients {
  return Object.fromEntries(
    Object.entries(golden.grads[step]!).map(([n, g]) => [n, fromGolden(g)]),
  );
}

describe('five steps, the learning rate changing, are those of PyTorch', () => {
  test.each(Object.entries(golden.runs))('%s', async (_, { kind, options, after }) => {
    const named = parameters();
    const learningRate = new Scalar(1);
    const optimizer = new kinds[kind](named, { ...options, learningRate });
    expect(optimizer.learningRate).toBe(learningRate);
    for (const [i, rate] of golden.rates.entries()) {
      learningRate.value = rate;
      optimizer.step(gradients(i));
      for (const [name, p] of named) await expectClose(p.value, after[i]![name]!, 2e-6);
    }
  });
});

const each: [string, (p: Map<string, Parameter>) => Optimizer][] = [
  ['SGD', (p) => new SGD(p, { learningRate: 0.1 })],
  ['SGD with momentum', (p) => new SGD(p, { learningRate: 0.1, momentum: 0.9 })],
  ['Adam', (p) => new Adam(p, { learningRate: 0.1 })],
  ['AdamW', (p) => new AdamW(p, { learningRate: 0.1 })],
];

async function values(
  states: Iterable<readonly [string, { value: { array(): Promise<unknown> } }]>,
): Promise<unknown> {
  const list: unknown[] = [];
  for (const [name, state] of states) list.push([name, await state.value.array()]);
  return list;
}

describe.each(each)('%s', (_, create) => {
  test('a frozen parameter stays, with a gradient or without', async () => {
    const named = parameters();
    const optimizer = create(named);
    named.get('a')!.trainable = false;
    const before = await named.get('a')!.value.array();
    const other = await named.get('b')!.value.array();
    const { a, b } = gradients(0);
    optimizer.step({ a: a!, b: b! });
    optimizer.step({ b: b! });
    expect(await named.get('a')!.value.array()).toEqual(before);
    expect(await named.get('b')!.value.array()).not.toEqual(other);
    named.get('b')!.trainable = false;
    optimizer.step({});
  });

  test('a closed gate changes nothing, memory included', async () => {
    const named = parameters();
    const optimizer = create(named);
    optimizer.step(gradients(0));
    const [p, s] = [await values(named), await values(optimizer.namedStates())];
    const bad = { ...gradients(1), b: tensor([1, 2, NaN, 4, 5]) };
    const gate = firstNonFinite(Object.values(bad));
    expect(await gate.array()).toBe(1);
    optimizer.step(bad, { gate });
    expect(await values(named)).toEqual(p);
    expect(await values(optimizer.namedStates())).toEqual(s);
    optimizer.step(gradients(1), { gate: firstNonFinite(Object.values(gradients(1))) });
    expect(await values(named)).not.toEqual(p);
  });

  test('names every gradient that does not fit, and changes nothing then', async () => {
    const named = parameters();
    const optimizer = create(named);
    const p = await values(named);
    const step = (grads: unknown) => () => optimizer.step(grads as NamedGradients);
    expect(step({ aa: tensor([1]), b: tensor([1]) })).toThrow(ConfigError);
    expect(step({ aa: tensor([1]), b: tensor([1]) })).toThrow(
      /missing 'a'\n {2}unexpected 'aa'\. Did you mean 'a'\?\n {2}mis-shaped 'b': expected float32 \[5\], received a float32 tensor of shape \[1\]/,
    );
    const { a, b } = gradients(0);
    expect(step({ a, b: tensor([1]) })).toThrow(ShapeError);
    expect(step({ a, b: tensor([1, 2, 3, 4, 5], [5], 'int32') })).toThrow(
      /received a int32 tensor/,
    );
    expect(step({ a, b: undefined })).toThrow(/'b': expected float32 \[5\], received undefined/);
    expect(step([a, b])).toThrow(/by parameter name.*Received: an array of 2/);
    expect(step(a)).toThrow(ConfigError);
    b!.dispose();
    expect(step({ a, b })).toThrow(ShapeError);
    expect(await values(named)).toEqual(p);
  });

  test('a step leaves nothing alive, nor does one that throws; dispose frees the memory', () => {
    const named = parameters();
    const empty = memory().numTensors;
    const optimizer = create(named);
    const grads = gradients(0);
    const gate = firstNonFinite(Object.values(grads));
    const before = memory().numTensors;
    for (let i = 0; i < 3; i++) optimizer.step(grads, { gate });
    expect(() => optimizer.step({})).toThrow(ConfigError);
    optimizer.learningRate.value = -1;
    expect(() => optimizer.step(grads)).toThrow(/learningRate/);
    expect(memory().numTensors).toBe(before);
    optimizer.dispose();
    expect(memory().numTensors).toBe(empty + 3);
  });

  test('goes on after a restart as if there had been none', async () => {
    const [straight, stopped, resumed] = [parameters(), parameters(), parameters()];
    const one = create(straight);
    for (let i = 0; i < 5; i++) one.step(gradients(i));

    const first = create(stopped);
    first.learningRate.value = 0.1;
    for (let i = 0; i < 3; i++) first.step(gradients(i));
    const json = JSON.parse(JSON.stringify(first.state())) as ReturnType<Optimizer['state']>;
    const memoryOf = (o: Optimizer): Map<string, Parameter> =>
      new Map(o.namedStates() as Iterable<[string, Parameter]>);

    const second = create(resumed);
    second.learningRate.value = 0.7;
    for (const [name, p] of stopped) assign(resumed.get(name)!, p.value);
    for (const [name, s] of memoryOf(first)) assign(memoryOf(second).get(name)!, s.value);
    second.restore(json);
    for (let i = 3; i < 5; i++) second.step(gradients(i));
    expect(await values(resumed)).toEqual(await values(straight));
  });
});

test('its memory has the names of the parameters', () => {
  const model = new Linear(2, 1);
  const names = (o: Optimizer): string[] => [...o.namedStates()].map(([name]) => name);
  expect(names(new SGD(model, { learningRate: 1 }))).toEqual([]);
  expect(names(new SGD(model, { learningRate: 1, momentum: 0.5 }))).toEqual([
    'momentum/weight',
    'momentum/bias',
  ]);
  expect(names(new Adam(model))).toEqual([
    'step',
    'firstMoment/weight',
    'firstMoment/bias',
    'secondMoment/weight',
    'secondMoment/bias',
  ]);
});

test('defaults', () => {
  const model = new Linear(1, 1);
  expect(new SGD(model, { learningRate: 0.5 }).state()).toEqual({
    type: 'SGD',
    learningRate: 0.5,
    momentum: 0,
    nesterov: false,
    weightDecay: 0,
  });
  const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  expect(new Adam(model).state()).toEqual({ type: 'Adam', ...adam, weightDecay: 0 });
  expect(new AdamW(model).state()).toEqual({ type: 'AdamW', ...adam, weightDecay: 0.01 });
});

describe('wrong settings', () => {
  const model = (): Linear => new Linear(1, 1);
  test.each<[string, () => unknown, RegExp]>([
    ['no options', () => new SGD(model(), undefined as never), /options of SGD/],
    ['no rate', () => new SGD(model(), {} as never), /learningRate of SGD .* Received: undefined/],
    [
      'a negative rate',
      () => new SGD(model(), { learningRate: -1 }),
      /at least 0\. Received: number -1/,
    ],
    [
      'an infinite rate',
      () => new Adam(model(), { learningRate: Infinity }),
      /learningRate of Adam/,
    ],
    [
      'a Scalar below 0',
      () => new Adam(model(), { learningRate: new Scalar(-2) }),
      /Received: number -2/,
    ],
    [
      'momentum 1',
      () => new SGD(model(), { learningRate: 1, momentum: 1 }),
      /momentum of SGD lies in \[0, 1\)/,
    ],
    [
      'nesterov alone',
      () => new SGD(model(), { learningRate: 1, nesterov: true }),
      /needs momentum/,
    ],
    [
      'beta1 of 1',
      () => new Adam(model(), { beta1: 1 }),
      /beta1 of Adam lies in \[0, 1\)\. Received: number 1/,
    ],
    ['beta2 of NaN', () => new AdamW(model(), { beta2: NaN }), /beta2 of AdamW/],
    ['epsilon below 0', () => new Adam(model(), { epsilon: -1e-8 }), /epsilon of Adam/],
    ['decay below 0', () => new AdamW(model(), { weightDecay: -1 }), /weightDecay of AdamW/],
    [
      'a misspelt option',
      () => new Adam(model(), { learningrate: 1 } as AdamOptions),
      /Did you mean 'learningRate'/,
    ],
    ['no model', () => new Adam(null as never), /takes a model, or pairs.*Received: null/],
    ['a word', () => new Adam('model' as never), /Received: 'model'/],
    ['tensors', () => new Adam([tensor([1])] as never), /Received: a float32 tensor/],
    ['no parameters', () => new Adam([]), /needs a parameter/],
  ])('%s', (_, create, message) => {
    expect(create).toThrow(ConfigError);
    expect(create).toThrow(message);
  });

  test('a parameter given twice', () => {
    const { weight, bias } = model() as { weight: Parameter; bias: Parameter };
    expect(
      () =>
        new Adam([
          ['a', weight],
          ['b', weight],
        ]),
    ).toThrow(/'b' beside 'a', which is the same/);
    expect(
      () =>
        new Adam([
          ['a', weight],
          ['a', bias],
        ]),
    ).toThrow(/'a' twice/);
  });

  test('a state of another optimizer, or of other settings', () => {
    const optimizer = new Adam(model(), { beta1: 0.8 });
    expect(() => optimizer.restore(new AdamW(model()).state())).toThrow(CheckpointError);
    expect(() => optimizer.restore(new AdamW(model()).state())).toThrow(
      /Expected: of type 'Adam'.*'AdamW'/,
    );
    expect(() => optimizer.restore(new Adam(model()).state())).toThrow(
      /beta1 number 0.8 now, number 0.9 when saved/,
    );
    expect(() => optimizer.restore({ ...optimizer.state(), learningRate: null as never })).toThrow(
      CheckpointError,
    );
    expect(() => optimizer.restore(null as never)).toThrow(CheckpointError);
  });
});
