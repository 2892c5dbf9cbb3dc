import { recording } from '../compile/recording.js';
import { assertTensor, engine, share } from '../engine.js';
import { BackendError, ShapeError } from '../errors.js';
import type { DType, Tensor } from '../tensor.js';

/**
 * A mutable cell that holds a tensor: running statistics, optimizer slots, counters. Tensors are
 * values; `assign(state, tensor)` and the update kernels are the only mutations in Strata.
 *
 * `value` hands out a tensor that shares the cell's storage and belongs to the enclosing `tidy()`,
 * as any result does. It keeps its elements when the cell is assigned later: an engine may write
 * into the cell's buffer (donation) only while no such tensor is alive.
 */
export class State {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The tensor that this cell alone holds. Internal: a reader would defeat donation. */
  private held: Tensor;
  /** Inside a gradient, every read gives this one tensor, so that the tape knows it. */
  private leaf: Tensor | null = null;

  /** Copies nothing: the cell shares the storage of `initial`, which the caller may dispose. */
  constructor(initial: Tensor) {
    assertTensor(initial, 'The initial value of a State');
    this.shape = Object.freeze([...initial.shape]);
    this.dtype = initial.dtype;
    this.held = engine().keep(share(initial));
  }

  get value(): Tensor {
    if (this.leaf) return this.leaf;
    return share(State.heldBy(this));
  }

  get size(): number {
    return this.held.size;
  }

  get isDisposed(): boolean {
    return this.held.isDisposed;
  }

  /** Frees the cell's tensor; reading it later throws. */
  dispose(): void {
    if (!this.held.isDisposed) this.held.dispose();
  }

  /** @internal The held tensor itself, as an input of an update kernel that may take it over. */
  static heldBy(state: State): Tensor {
    state.assertAlive();
    recording()?.touch(state, state.held);
    return state.held;
  }

  /** @internal The same without a recording's notice. */
  static heldQuietly(state: State): Tensor {
    return state.held;
  }

  /** @internal Puts `next`, which the caller gives away, in place of the held tensor. */
  static replace(state: State, next: Tensor): void {
    recording()?.write(state, next);
    engine().keep(next);
    const old = state.held;
    state.held = next;
    if (old !== next) old.dispose();
  }

  /** @internal Lets every read give `leaf` until it is set back to the value returned here. */
  static setLeaf(state: State, leaf: Tensor | null): Tensor | null {
    const before = state.leaf;
    state.leaf = leaf;
    return before;
  }

  /** @internal What reads give inside a gradient, or null outside. */
  static leafOf(state: State): Tensor | null {
    return state.leaf;
  }

  private assertAlive(): void {
    if (this.held.isDisposed) {
      throw new BackendError(
        `This State of shape [${this.shape.join(', ')}] has been disposed. Build the module or optimizer that owned it anew.`,
      );
    }
  }
}

/**
 * Gives `state` a new value. Nothing is copied: the cell shares the tensor's storage, and the caller
 * still owns (and disposes) `tensor`.
 *
 * @throws ShapeError when shape or dtype differ from the cell's.
 */
export function assign(state: State, tensor: Tensor): void {
  assertTensor(tensor, 'The value to assign');
  const same =
    tensor.shape.length === state.shape.length &&
    tensor.shape.every((d, i) => d === state.shape[i]);
  if (!same || tensor.dtype !== state.dtype) {
    throw new ShapeError(
      `A State keeps its shape and dtype. Expected: ${state.dtype} [${state.shape.join(', ')}]. ` +
        `Received: ${tensor.dtype} [${tensor.shape.join(', ')}]. Reshape or cast the tensor first.`,
    );
  }
  State.replace(state, share(tensor));
}
