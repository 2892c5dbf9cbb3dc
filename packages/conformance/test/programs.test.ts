import * as core from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenPrograms } from '../src/golden/programs.js';
import { encode, elementsOf, shortest } from '../src/programs/elements.js';
import { generateProgram } from '../src/programs/generate.js';
import { type Expectation, type Expected, judgeProgram } from '../src/programs/judge.js';
import { leftOut, programOps } from '../src/programs/ops/table.js';
import { type Program, signatures, sizeOf } from '../src/programs/program.js';
import { runForced, runProgram } from '../src/programs/run.js';
import { shrink } from '../src/fuzz/shrink.js';
import { copiedCpu } from './copied-cpu.js';

/** Exports of core that no program holds: they are no operations, or change state, or draw numbers. */
const others =
  `assertTensor describeValue isTensor watchLeaks dispose keep memory tidy grad valueAndGrad valueAndVjp vjp
  customGrad noGrad assign State Parameter Scalar scalarValue activeBackend checkPlugin closeBackends compositeOf use
  createModel listModels modelEntry register nearest StrataError ShapeError ConfigError DataError
  CheckpointError CompileError BackendError tensor constant scalar adamUpdate averageUpdate compile guard isCompiling recordedAt addToMessage lastUses readsOf firstNonFinite sgdUpdate
  defaultRng seed philox Rng decodeSafetensors encodeSafetensors`.split(/\s+/);

const programs = Array.from({ length: 300 }, (_, i) => generateProgram(i));

/** What an engine gives as what is expected, to the bit. */
async function expectationOn(program: Program): Promise<Expectation> {
  const { values } = await runProgram(program);
  const { gradients } = await runForced(program, values);
  const exact = { relative: 0, absolute: 0 };
  return {
    values: values.map((elements) => ({ data: encode(elements), ...exact })),
    gradients: gradients.map((elements) => ({ data: encode(elements), ...exact })),
  };
}

describe('the table of operations', () => {
  it('has an entry in src/programs/ops, or a reason in leftOut, for every operation of core', () => {
    const exported = Object.entries(core).flatMap(([name, f]) =>
      typeof f === 'function' ? [name] : [],
    );
    const known = new Set([...Object.keys(programOps), ...Object.keys(leftOut), ...others]);
    expect(exported.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a golden program for every entry: node scripts/make-golden-programs.js adds them', () => {
    expect(Object.keys(programOps).filter((op) => !(op in goldenPrograms))).toEqual([]);
  });
});

describe('generateProgram()', () => {
  it('gives plain JSON, the same for the same seed', () => {
    for (const seed of [0, 1, 2 ** 40]) {
      const program = generateProgram(seed);
      expect(JSON.parse(JSON.stringify(program))).toEqual(program);
      expect(generateProgram(seed)).toEqual(program);
    }
  });

  it('draws every operation, every dtype, ranks 0 to 5, sizes 0 and 1, gradients and NaN', () => {
    const ops = new Set(programs.flatMap(({ nodes }) => nodes.map(({ op }) => op)));
    expect(Object.keys(programOps).filter((op) => !ops.has(op))).toEqual([]);
    const all = programs.flatMap(signatures);
    expect(new Set(all.map(({ dtype }) => dtype))).toEqual(new Set(['float32', 'int32', 'bool']));
    const ranks = new Set(all.map(({ shape }) => shape.length));
    for (const rank of [0, 1, 2, 3, 4, 5]) expect(ranks).toContain(rank);
    const sizes = new Set(all.flatMap(({ shape }) => shape));
    for (const size of [0, 1, 7, 15, 16, 17, 33]) expect(sizes).toContain(size);
    expect(programs.filter(({ gradient }) => gradient).length).toBeGreaterThan(150);
    expect(programs.some(({ inputs }) => inputs.some((x) => x.values.includes('NaN')))).toBe(true);
  });

  it('draws the operation that is asked for, within the elements that are allowed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const program = generateProgram(seed, { op: 'conv2d', mostElements: 100, mostNodes: 3 });
      expect(program.nodes.map(({ op }) => op)).toContain('conv2d');
      for (const { shape } of signatures(program)) expect(sizeOf(shape)).toBeLessThanOrEqual(100);
    }
  });

  it('refuses an operation that it does not know', () => {
    expect(() => generateProgram(1, { op: 'convolve' })).toThrow(
      /operations of their table.*'convolve'/,
    );
  });
});

it('writes elements as the shortest numbers that give the same bits back', () => {
  const elements = Float32Array.of(
    0.1,
    -0,
    1 / 3,
    2 ** -149,
    3.4028234663852886e38,
    NaN,
    -Infinity,
    16777218,
  );
  const values = shortest(elements);
  expect(values.slice(0, 2)).toEqual([0.1, '-0']);
  const back = elementsOf({ shape: [8], dtype: 'float32', values }) as Float32Array;
  expect([...back].map((x, i) => Object.is(x, elements[i]))).not.toContain(false);
});

describe('judgeProgram()', () => {
  beforeAll(async () => {
    await core.use(copiedCpu('strata-judged'));
  });
  afterAll(core.closeBackends);

  const program: Program = {
    inputs: [
      { shape: [3], dtype: 'float32', values: [1, 2, 3] },
      { shape: [3], dtype: 'float32', values: [1, 1, 2] },
    ],
    nodes: [
      { op: 'exp', inputs: [0], options: {}, results: [{ shape: [3], dtype: 'float32' }] },
      { op: 'mul', inputs: [0, 2], options: {}, results: [{ shape: [3], dtype: 'float32' }] },
    ],
    gradient: { of: 3, cotangent: 1, inputs: [0] },
  };

  it('agrees with what the engine gives', async () => {
    expect(await judgeProgram(program, await expectationOn(program))).toEqual([]);
  });

  it('names the operation whose result is wrong, and no other', async () => {
    const expectation = await expectationOn(program);
    const wrong = {
      data: encode(Float32Array.of(2.718282, 7.389056, 20)),
      relative: 1e-6,
      absolute: 0,
    };
    const mismatches = await judgeProgram(program, {
      ...expectation,
      values: expectation.values.with(2, wrong),
    });
    // The product is taken of what is expected, and differs from what was said of it before.
    expect(mismatches.map(({ where }) => where)).toEqual(['exp', 'mul', 'gradient']);
    expect(mismatches[0]!.message).toMatch(
      /element 2 differs .*Expected: .* 20\. Received: .*20\.08/,
    );
  });

  it('finds a wrong gradient', async () => {
    const expectation = await expectationOn(program);
    const gradients = [{ data: encode(Float32Array.of(1, 2, 3)), relative: 1e-6, absolute: 0 }];
    const mismatches = await judgeProgram(program, { ...expectation, gradients });
    expect(mismatches.map(({ where }) => where)).toEqual(['gradient']);
  });

  it('lets an operation that is allowed to make 0 of small numbers, no other, and no exact result', async () => {
    const small: Program = {
      inputs: [{ shape: [1], dtype: 'float32', values: [-100] }],
      nodes: [{ op: 'exp', inputs: [0], options: {}, results: [{ shape: [1], dtype: 'float32' }] }],
    };
    const { values } = await expectationOn(small);
    const zero = { data: encode(Float32Array.of(0)), relative: 1e-6, absolute: 0 };
    const judge = async (
      expected: Expected,
      underflow?: Readonly<Record<string, number>>,
    ): Promise<number> => {
      const expectation = { values: [values[0]!, expected], gradients: [] };
      return (await judgeProgram(small, expectation, underflow && { underflow })).length;
    };
    expect(await judge(zero)).toBe(1);
    expect(await judge(zero, { exp: 2 ** -126 })).toBe(0);
    expect(await judge(zero, { sigmoid: 2 ** -126 })).toBe(1);
    expect(await judge({ ...zero, relative: 0 }, { exp: 2 ** -126 })).toBe(1);
  });

  it('allows the same of gradients that run through such an operation, and of no others', async () => {
    // Of exp(−100)·1 and of −100·1; the sigmoid is beside the way of both.
    const one = { shape: [1], dtype: 'float32' as const };
    const small = (of: number): Program => ({
      inputs: [
        { ...one, values: [-100] },
        { ...one, values: [1] },
      ],
      nodes: ['exp', 'sigmoid', 'neg'].map((op) => ({
        op,
        inputs: [0],
        options: {},
        results: [one],
      })),
      gradient: { of, cotangent: 1, inputs: [0] },
    });
    const judge = async (of: number, expected: number, op: string): Promise<string[]> => {
      const { values } = await expectationOn(small(of));
      const data = encode(Float32Array.of(expected));
      const expectation = { values, gradients: [{ data, relative: 1e-6, absolute: 0 }] };
      const options = { underflow: { [op]: 2 ** -126 } };
      return (await judgeProgram(small(of), expectation, options)).map(({ where }) => where);
    };
    expect(await judge(2, 0, 'exp')).toEqual([]);
    expect(await judge(2, 0, 'sigmoid')).toEqual(['gradient']);
    expect(await judge(4, -1, 'exp')).toEqual([]);
  });

  it('finds a result of another shape than the program says', async () => {
    const [exp, ...rest] = program.nodes;
    const nodes = [{ ...exp!, results: [{ shape: [3, 1], dtype: 'float32' as const }] }, ...rest];
    const [mismatch] = await judgeProgram({ ...program, nodes }, await expectationOn(program));
    expect(mismatch!.message).toMatch(
      /wrong shape.*Expected: float32 \[3, 1\]\. Received: float32 \[3\]/,
    );
  });

  it('shrinks a failing program to the operation that fails', async () => {
    const large = generateProgram(4, { op: 'tanh', mostElements: 60 });
    expect(large.nodes.length).toBeGreaterThan(2);
    const small = await shrink(large, 'tanh', async (tried) => ({
      expectation: await expectationOn(tried),
      fails: tried.nodes.some(({ op }) => op === 'tanh'),
    }));
    expect(small.nodes.map(({ op }) => op)).toEqual(['tanh']);
    expect(small.inputs.length).toBe(1);
    expect(small.gradient).toBeUndefined();
  });
});
