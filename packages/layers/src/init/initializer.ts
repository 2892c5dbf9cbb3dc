import { defaultRng, type Rng, type Shape, type Tensor } from '@stratajs/core';

/** What an initializer is told beside the shape. */
export interface InitializerContext {
  /** Default: the default generator. */
  readonly rng?: Rng | undefined;
  /** Values that one output is computed from. Default: of `fans(shape)`. */
  readonly fanIn?: number | undefined;
  /** Values that one input acts on. Default: of `fans(shape)`. */
  readonly fanOut?: number | undefined;
}

/** Makes the initial value of a parameter: a float32 tensor of `shape`, the caller's. */
export type Initializer = (shape: Shape, context?: InitializerContext) => Tensor;

/** The context with its defaults filled in. */
export function complete(
  shape: Shape,
  context: InitializerContext = {},
): { rng: Rng; fanIn: number; fanOut: number } {
  const { rng = defaultRng(), fanIn, fanOut } = context;
  if (fanIn !== undefined && fanOut !== undefined) return { rng, fanIn, fanOut };
  const computed = fans(shape);
  return { rng, fanIn: fanIn ?? computed.fanIn, fanOut: fanOut ?? computed.fanOut };
}

/**
 * How many values an output is computed from, and how many an input acts on. Of two axes, the shape is
 * that of a Linear, [out, in]; of more, that of a convolution, [...kernel, in, out]; one axis is both.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  if (shape.length === 2) return { fanIn: shape[1]!, fanOut: shape[0]! };
  const area = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: area * shape.at(-2)!, fanOut: area * shape.at(-1)! };
}
