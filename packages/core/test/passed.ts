import { expect } from 'vitest';
import { compile } from '../src/compile/compile.js';
import type { Explanation } from '../src/compile/explain.js';
import { record } from '../src/compile/record.js';
import { disposeConstants } from '../src/compile/passes.js';
import type { KernelCall, Program } from '../src/compile/program.js';
import { tidy } from '../src/memory.js';
import type { Tensor } from '../src/tensor.js';

type Elements = Float32Array | Int32Array | Uint8Array;

const bits = async (t: Tensor): Promise<number[]> => {
  const { buffer, byteOffset, byteLength } = (await t.data()) as Elements;
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
};

/** Checks that `fn` gives the same bits compiled, twice, and says what became of it. */
export async function sameBits(
  fn: (...args: never[]) => Tensor[],
  ...args: Tensor[]
): Promise<Explanation> {
  const run = fn as (...args: Tensor[]) => Tensor[];
  const eager = tidy(() => run(...args));
  const expected = await Promise.all(eager.map(bits));
  const compiled = compile(run);
  for (let call = 0; call < 2; call++) {
    const results = compiled(...args);
    expect(results.map(({ shape, dtype }) => [shape, dtype])).toEqual(
      eager.map(({ shape, dtype }) => [shape, dtype]),
    );
    expect(await Promise.all(results.map(bits))).toEqual(expected);
    for (const t of results) t.dispose();
  }
  const explanation = compiled.explain(...args);
  compiled.dispose();
  for (const t of eager) t.dispose();
  return explanation;
}

/** The kernels of `fn` as they are recorded, after one pass. */
export function kernelsAfter(
  pass: (program: Program) => Program,
  fn: (...args: never[]) => unknown,
  ...args: Tensor[]
): KernelCall[] {
  const { program } = record(
    (own) => (fn as (...args: readonly Tensor[]) => unknown)(...own),
    args,
  );
  const passed = pass(program);
  disposeConstants(passed);
  return passed.instructions.filter((i) => i.kind === 'kernel');
}
