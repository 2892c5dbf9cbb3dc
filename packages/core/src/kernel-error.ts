import type { Attributes, Inputs } from './engine.js';
import { ShapeError, StrataError } from './errors.js';
import type { Shape } from './tensor.js';

/** Kernels that find indices out of range while they run: the operation, and the shape that is indexed. */
const indexing: Readonly<
  Record<string, (inputs: Inputs, attrs: Attributes | undefined) => readonly [string, Shape]>
> = {
  GatherV2: (inputs) => ['gather', inputs['x']!.shape],
  GatherNd: (inputs) => ['gatherNd', inputs['params']!.shape],
  ScatterNd: (_, attrs) => ['scatterNd', attrs!['shape'] as Shape],
};

/** What a kernel has thrown, as Strata says it: engines that are tfjs's say in words of their own that an index is out of range. */
export function kernelError(
  thrown: unknown,
  name: string,
  inputs: Inputs,
  attrs: Attributes | undefined,
): unknown {
  const indexed = indexing[name]?.(inputs, attrs);
  if (indexed === undefined || thrown instanceof StrataError) return thrown;
  const [op, shape] = indexed;
  return new ShapeError(
    `The indices of ${op}() lie inside shape [${shape.join(', ')}]. Received: one outside, says the engine: ` +
      `${thrown instanceof Error ? thrown.message : String(thrown)}`,
    { cause: thrown },
  );
}
