/** tfjs's WASM kernels take indices as they come: one outside would write over other tensors. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataWasmBackend } from './backend.js';

type Inputs = Readonly<Record<string, TensorInfo | null | undefined>>;
type Attributes = Readonly<Record<string, unknown>>;

/** The tensor of indices, and the sizes of the axes that they are of. */
interface Indices {
  readonly indices: TensorInfo;
  readonly sizes: readonly number[];
}

const INDEXED: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => Indices>> = {
  GatherNd: ({ indices, params }) => ({ indices: indices!, sizes: params!.shape }),
  ScatterNd: ({ indices }, { shape }) => ({ indices: indices!, sizes: shape as number[] }),
  TensorScatterUpdate: ({ indices, tensor }) => ({ indices: indices!, sizes: tensor!.shape }),
  SparseToDense: ({ sparseIndices }, { outputShape }) => ({
    indices: sparseIndices!,
    sizes: outputShape as number[],
  }),
  Bincount: ({ x }) => ({ indices: x!, sizes: [Infinity] }),
  DenseBincount: ({ x }) => ({ indices: x!, sizes: [Infinity] }),
};

/** Whether the kernel has no indices, or all of them lie on their axes. Others are for a kernel that says what is wrong. */
export function indicesAreInside(
  name: string,
  inputs: Inputs,
  attributes: Attributes,
  backend: StrataWasmBackend,
): boolean {
  const indexed = INDEXED[name]?.(inputs, attributes);
  if (indexed === undefined) return true;
  const { indices, sizes } = indexed;
  const { shape } = indices;
  const depth = name.endsWith('Bincount') || shape.length < 2 ? 1 : shape.at(-1)!;
  const values = backend.typedArrayFromHeap(indices);
  for (let i = 0; i < values.length; i++) {
    const index = values[i]!;
    if (index < 0 || !(index < sizes[i % depth]!)) return false;
  }
  return true;
}
