/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The tensor as Strata's users see it: an immutable value that an engine holds.
 *
 * This is Strata's own structural interface; no emitted type names the library beneath.
 */

/** Element types that tensors hold. uint8 and 16-bit floats live in files and convert on load. */
export type DType = 'float32' | 'int32' | 'bool' | 'complex64' | 'string';

export type Shape = readonly number[];

/** What `data()` resolves to: float32 and complex64 (interleaved) → Float32Array, int32 → Int32Array, bool → Uint8Array. */
export type TensorData = Float32Array | Int32Array | Uint8Array | string[];

export type NestedArray = number | boolean | string | readonly NestedArray[];

/** Anything that `tensor()` accepts. Typed arrays are copied, never aliased. */
export type TensorLike =
  | NestedArray
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray;

/** An immutable n-dimensional array. Its memory is freed by `dispose()`, `using`, or the enclosing `tidy()`. */
export interface Tensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: DType;
  readonly rank: number;
  readonly size: number;
  readonly isDisposed: boolean;
  /** Copies the elements out, in row-major order. Writing to the result changes no tensor. */
  data(): Promise<TensorData>;
  /** Copies the elements out as nested arrays (a number for a tensor of rank 0). */
  array(): Promise<NestedArray>;
  /** Frees the memory; later use throws. Disposing twice is harmless. */
  dispose(): void;
  [Symbol.dispose](): void;
}
