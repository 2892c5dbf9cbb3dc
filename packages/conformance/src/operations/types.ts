import type { Tensor } from '@stratajs/core';
import type { GoldenCase } from '../golden/types.js';

/** From the name of a golden case to the operation that it is the result of. */
export type Table = Readonly<Record<string, (...xs: [Tensor, Tensor, Tensor]) => Tensor>>;

export interface OperationCase {
  readonly golden: GoldenCase;
  readonly apply: (...xs: Tensor[]) => Tensor;
}
