/** Native calls whose result a group may take up row by row, while the rest of it is still being computed. */
import type { NativeFunctionName } from '../native.js';
import type { Elementwise } from './elementwise.js';
import type { PlannedBuffer } from './planned-array.js';
import { buffersOf, isPlace, type NativeCall } from './planned-program.js';

/** Which of a call's arguments are its result, and what else it writes. */
interface Writes {
  readonly result: number;
  readonly besides: readonly number[];
}

/**
 * Winograd's algorithm is not among them: its transformed tiles fill the second-level cache, and sharing that made ResNet-20's step 1.7 %
 * slower. After the normalizations it is 1.3 % faster.
 */
const producers: Readonly<Partial<Record<NativeFunctionName, Writes>>> = {
  matmul: { result: 3, besides: [] },
  conv2d: { result: 3, besides: [] },
  conv2dBackpropInput: { result: 2, besides: [] },
  normalize: { result: 3, besides: [4, 5] },
};

/** Elements of a result that the caches still hold when it is complete (half a MiB): nothing is gained by reading it sooner. */
const CACHED = 131_072;

/** Kernels that make such calls. */
export const PRODUCING: ReadonlySet<string> = new Set([
  'BatchMatMul',
  '_FusedMatMul',
  'Conv2D',
  'FusedConv2D',
  'Conv2DBackpropInput',
  'StrataNormalize',
]);

/**
 * The buffer with the result of `call`, where `members` may follow it: they read it element by element, write nothing that the call
 * still reads, and read nothing else that it writes.
 */
export function followed(
  call: NativeCall,
  members: readonly Elementwise[],
): PlannedBuffer | undefined {
  const writes = producers[call.name];
  if (writes === undefined) return undefined;
  const result = call.args[writes.result]!;
  if (!isPlace(result)) return undefined;
  const { buffer, offset, length } = result;
  if (length < CACHED || length !== members[0]!.elements) return undefined;
  if (offset !== 0 || length !== buffer.length) return undefined;
  const mentioned = new Set(buffersOf(call));
  const besides = new Set(
    writes.besides.map((index) => {
      const argument = call.args[index]!;
      return isPlace(argument) ? argument.buffer : undefined;
    }),
  );
  const parts = members.flatMap((member) => member.parts);
  const reads = parts.some(({ place, written }) => place.buffer === buffer && !written);
  const fits = parts.every(({ place, whole, written }) => {
    if (place.buffer === buffer) return whole;
    return written ? !mentioned.has(place.buffer) : !besides.has(place.buffer);
  });
  return reads && fits ? buffer : undefined;
}
