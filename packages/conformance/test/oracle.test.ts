import { afterAll, describe, expect, it } from 'vitest';
import { findTorch, TorchOracle } from '../src/fuzz/oracle.js';
import { decode } from '../src/programs/elements.js';
import type { Program } from '../src/programs/program.js';

const python = findTorch();
if (python === null) console.log('The oracle of random programs is not tested: no PyTorch here.');

describe.runIf(python)('what is expected of a program', () => {
  const oracle = python === null ? undefined : new TorchOracle(python);
  afterAll(() => oracle?.close());

  /** The gradient of op(x), and how far off it may be. */
  async function slope(op: string, x: number): Promise<readonly [slope: number, allowed: number]> {
    const one = { shape: [1], dtype: 'float32' } as const;
    const program: Program = {
      inputs: [
        { ...one, values: [x] },
        { ...one, values: [1] },
      ],
      nodes: [{ op, inputs: [0], options: {}, results: [one] }],
      gradient: { of: 2, cotangent: 1, inputs: [0] },
    };
    const [expectation] = await oracle!.expect([program]);
    const { data, absolute } = expectation!.gradients[0]!;
    return [decode(data, 'float32')[0]!, absolute];
  }

  it('has the slopes of exponentials less 1 where the result has rounded to −1', async () => {
    const [lambda, alpha] = [1.0507009873554805, 1.6732632423543772];
    for (const [op, factor] of Object.entries({ expm1: 1, elu: 1, selu: lambda * alpha })) {
      for (const x of [-12, -30, -46, -80]) {
        const [received] = await slope(op, x);
        expect(Math.abs(received / (factor * Math.exp(x)) - 1), `${op} at ${x}`).toBeLessThan(1e-7);
      }
    }
  });

  it('lets engines take the slope of elu from its rounded result, not that of selu', async () => {
    const [, ofElu] = await slope('elu', -46);
    expect(ofElu).toBeGreaterThan(5 * 2 ** -24);
    expect(ofElu).toBeLessThan(1e-4);
    const [, ofSelu] = await slope('selu', -46);
    expect(ofSelu).toBeLessThan(1e-4 * Math.exp(-46));
  });
});
