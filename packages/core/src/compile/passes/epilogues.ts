import { getKernel } from '@tensorflow/tfjs-core';
import { engine } from '../../engine.js';
import { type KernelCall, type Program, readsOf } from '../program.js';
import { type Change, inputOf, rewritten } from './rewrite.js';

/** The kernel that adds a bias and applies an activation on the way out. */
const FUSED: Readonly<Record<string, string>> = {
  BatchMatMul: '_FusedMatMul',
  Conv2D: 'FusedConv2D',
  DepthwiseConv2dNative: 'FusedDepthwiseConv2D',
  _FusedMatMul: '_FusedMatMul',
  FusedConv2D: 'FusedConv2D',
  FusedDepthwiseConv2D: 'FusedDepthwiseConv2D',
};

/** Those that the fused kernels of every engine of tfjs know. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  Relu: 'relu',
  Relu6: 'relu6',
  Elu: 'elu',
  Sigmoid: 'sigmoid',
};

/** Their sums begin with the bias on the CPU engine, which rounds otherwise than Add does. */
const BEGIN_WITH_BIAS: ReadonlySet<string> = new Set([
  'DepthwiseConv2dNative',
  'FusedDepthwiseConv2D',
]);

/**
 * The program with a bias (one value for each column or channel) and an activation as part of the product or convolution before
 * them, on engines that have the fused kernel, where nobody else reads what lies between. A Reshape that keeps the last axis may
 * stand between product and bias.
 *
 * For engines that compile programs: on the native tier of the CPU engine all bits stay. Elsewhere fused kernels round
 * otherwise, by a few units in the last place of the largest partial sum (plain JavaScript sums in float64 until the end, XNNPACK begins with the
 * bias), so that a replay, which promises the bits of eager kernels, has none of this.
 */
export function withEpilogues(program: Program): Program {
  const { values, instructions } = program;
  const { backendName } = engine();
  const readers = readersOf(program);
  /** Where each value is made; −1 for what is there when a run begins. */
  const madeAt = new Int32Array(values.length).fill(-1);
  instructions.forEach((instruction, at) => {
    if (instruction.kind === 'kernel') for (const v of instruction.outputs) madeAt[v] = at;
  });
  /** The instructions that became part of another one, and what they read of it. */
  const absorbed = new Map<number, string>();

  /** The only reader of `value`, when that is a kernel. */
  const onlyReader = (value: number): { call: KernelCall; at: number } | null => {
    const [at, ...more] = readers[value]!;
    const call = at === undefined || more.length > 0 ? undefined : instructions[at];
    return call?.kind === 'kernel' ? { call, at: at! } : null;
  };
  const channels = (value: number): number | undefined => values[value]!.shape.at(-1);
  const isFloat = (value: number): boolean => values[value]!.dtype === 'float32';

  const fused = (call: KernelCall, at: number, now: (value: number) => number): KernelCall => {
    const name = FUSED[call.name]!;
    let [y] = call.outputs as [number];
    let bias: number | undefined;
    let activation: string | undefined;
    let next = onlyReader(y);
    const reshaped =
      next?.call.name === 'Reshape' && channels(next.call.outputs[0]!) === channels(y);
    if (reshaped) next = onlyReader((y = next!.call.outputs[0]!));
    const takesBias = inputOf(call, 'bias') === undefined && !BEGIN_WITH_BIAS.has(call.name);
    if (next?.call.name === 'Add' && takesBias) {
      const side = inputOf(next.call, 'a') === y ? 'b' : 'a';
      const other = inputOf(next.call, side)!;
      const isVector = values[other]!.shape.length === 1 && channels(other) === channels(y);
      if (isVector && isFloat(other) && isFloat(y) && madeAt[other]! < at) {
        bias = now(other);
        absorbed.set(next.at, side === 'a' ? 'b' : 'a');
        next = onlyReader((y = next.call.outputs[0]!));
      }
    }
    const wanted = next === null ? undefined : ACTIVATIONS[next.call.name];
    if (wanted !== undefined && isFloat(y)) {
      activation = wanted;
      absorbed.set(next!.at, 'x');
    }
    if (bias === undefined && activation === undefined) return call;
    return {
      ...call,
      name,
      inputs: bias === undefined ? call.inputs : { ...(call.inputs as object), bias },
      attrs: {
        leakyreluAlpha: undefined,
        ...call.attrs,
        activation: activation ?? 'linear',
      },
    };
  };

  return rewritten(program, (call, at, now): Change => {
    const read = absorbed.get(at);
    if (read !== undefined) return [inputOf(call, read)!];
    const name = FUSED[call.name];
    const linear = (call.attrs?.['activation'] ?? 'linear') === 'linear';
    const channelsLast = (call.attrs?.['dataFormat'] ?? 'NHWC') === 'NHWC';
    if (name === undefined || !linear || !channelsLast || !getKernel(name, backendName!))
      return call;
    return fused(call, at, now);
  });
}

/** For every value the instructions that read it, once for each read; the number of instructions for an output. */
function readersOf({ values, instructions, outputs }: Program): number[][] {
  const readers = values.map((): number[] => []);
  instructions.forEach((instruction, at) => {
    for (const value of readsOf(instruction)) readers[value]!.push(at);
  });
  for (const value of outputs) readers[value]!.push(instructions.length);
  return readers;
}
