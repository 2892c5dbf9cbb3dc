/** Engines with one fault each: the suite finds it, and finds nothing else. */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type BackendPlugin, closeBackends, type Draw, philox, use } from '@stratajs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { runChecks } from '../src/checks.js';
import { backendChecks } from '../src/checks/backend-checks.js';
import { copiedCpu, type CopyingBackend } from './copied-cpu.js';

afterEach(closeBackends);

/** The names of the checks that fail on `plugin`. */
async function failures(plugin: BackendPlugin): Promise<string[]> {
  await use(plugin);
  // Those on large sizes are the slowest, and none of the faults below is theirs to find.
  const groups = backendChecks(plugin).filter(({ name }) => name !== 'large sizes:');
  const outcomes = await runChecks(groups);
  return outcomes.filter(({ error }) => error !== null).map(({ name }) => name);
}

type Values = Float32Array | Int32Array;

/** Lets `change` work on the values that a kernel of tfjs gives. */
function altered(
  change: (values: Values, inputs: Values[]) => void,
): (original: KernelFunc | undefined) => KernelFunc {
  return (original) => (args) => {
    const { data } = args.backend as MathBackendCPU;
    const out = original!(args) as TensorInfo;
    const valuesOf = (t: TensorInfo): Values => data.get(t.dataId).values as Values;
    const inputs = Object.values(args.inputs) as TensorInfo[];
    change(valuesOf(out), inputs.map(valuesOf));
    return out;
  };
}

describe('describeBackend finds', () => {
  it('nothing on an engine without a fault', async () => {
    expect(await failures(copiedCpu('sound'))).toEqual([]);
  });

  it('a function that is right to 1e-4 only', async () => {
    const scaled = altered((values) => values.set(values.map((v) => v * 1.0001)));
    const found = await failures(copiedCpu('inexact', { kernels: { Atanh: scaled } }));
    expect(found).toEqual(['value of atanh']);
  });

  it('a gradient kernel that forgets an element', async () => {
    const forgetful = altered((values) => (values[values.length - 1] = 0));
    const found = await failures(
      copiedCpu('forgetful', { kernels: { Conv3DBackpropFilterV2: forgetful } }),
    );
    const cases = ['conv3d', 'conv3d, bias, strides, padding, dilations'];
    expect(found).toEqual([
      ...cases.map((name) => `gradient of ${name}`),
      ...cases.map((name) => `finite differences of ${name}`),
    ]);
  });

  it('reads that are not copies', async () => {
    const found = await failures(copiedCpu('alias', { backend: () => new MathBackendCPU() }));
    expect(found).toContain('reads: writing to what data() gave changes no tensor');
    expect(found).toContain('reads: a State is read as a copy');
    expect(found.every((name) => name.startsWith('reads:'))).toBe(true);
  });

  it('an update that writes into storage that others hold', async () => {
    const inPlace = (): KernelFunc => (args) => {
      const backend = args.backend as CopyingBackend;
      const inputs = args.inputs as Record<string, TensorInfo>;
      const { count, learningRate } = args.attrs as unknown as {
        count: number;
        learningRate: number;
      };
      return Array.from({ length: count }, (_, i) => {
        const [p, g] = [inputs[`p${i}`]!, inputs[`g${i}`]!];
        const values = backend.data.get(p.dataId).values as Float32Array;
        const slopes = backend.data.get(g.dataId).values as Float32Array;
        slopes.forEach((d, j) => (values[j]! -= Number(learningRate) * d));
        backend.incRef(p.dataId);
        return p;
      });
    };
    const found = await failures(copiedCpu('greedy', { kernels: { StrataSgdUpdate: inPlace } }));
    expect(found).toContain('state: a value read before keeps its elements over an SGD update');
    expect(found).toContain(
      'state: the tensor that a State was made from keeps its elements over an SGD update',
    );
    expect(found).toContain('updates: sgd: a shut gate changes nothing, an open one all');
    expect(found.filter((name) => name.includes('Adam') || name.includes('adam'))).toEqual([]);
  });

  it('a kernel that leaves its scratch memory behind', async () => {
    const leaky =
      (original: KernelFunc | undefined): KernelFunc =>
      (args) => {
        (args.backend as CopyingBackend).makeTensorInfo([1], 'float32', Float32Array.of(0));
        return original!(args);
      };
    const found = await failures(copiedCpu('leaky', { kernels: { Cumsum: leaky } }));
    const cases = ['cumsum', 'cumsum, exclusive', 'cumsum, reverse'];
    expect(found).toEqual([
      ...cases.map((name) => `leaks of ${name}`),
      ...cases.map((name) => `compiled: ${name} gives what it gives eagerly, and its gradient`),
    ]);
  });

  it('random numbers with one bit less', async () => {
    const coarse = (): KernelFunc => (args) => {
      const { shape, min, max, draw } = args.attrs as unknown as {
        shape: number[];
        min: number;
        max: number;
        draw: Draw;
      };
      const size = shape.reduce((a, b) => a * b, 1);
      const [c0, ...rest] = draw.counter;
      const values = Float32Array.from({ length: size }, (_, i) => {
        const word = philox([c0 + (i >> 2), ...rest], draw.key)[i & 3]!;
        return min + (word >>> 9) * 2 ** -23 * (max - min);
      });
      return (args.backend as CopyingBackend).makeTensorInfo(shape, 'float32', values);
    };
    const found = await failures(copiedCpu('coarse', { kernels: { StrataRandomUniform: coarse } }));
    expect(found).toEqual([
      'random: uniform numbers from zero are bit-identical',
      'random: uniform numbers of large words are bit-identical',
      'random: uniform numbers over a carry of the counter are bit-identical',
      'random: a generator draws the same on the engine as on the host',
    ]);
  });

  it('a gap that is none', async () => {
    const found = await failures(copiedCpu('modest', { gaps: { Atanh: 'thought to be missing' } }));
    expect(found).toEqual(['kernels: the gap Atanh has a reason and no kernel']);
  });

  it('an infinity that the finite check misses', async () => {
    const blind = altered((values, inputs) =>
      values.set(inputs[0]!.map((x) => Number(!Number.isNaN(x)))),
    );
    const found = await failures(copiedCpu('blind', { kernels: { IsFinite: blind } }));
    expect(found).toContain('finiteness: firstNonFinite: an infinity');
    expect(found).toContain('value of isFinite');
    expect(found).not.toContain('finiteness: firstNonFinite: a NaN');
  });
});
