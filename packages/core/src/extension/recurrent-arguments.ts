/** What lstm() and gru() share: their arguments' checks, and the products with the input. */
import { describe } from '../engine.js';
import { ShapeError } from '../errors.js';
import { add } from '../ops/binary.js';
import { checkTensor, sameShape, shapeText } from '../ops/arguments.js';
import { linear } from '../ops/matmul.js';
import type { Shape, Tensor } from '../tensor.js';
import { fill } from './composite.js';

/** The weights of a recurrent layer, in PyTorch's shapes; G is the number of gates: 4 of an LSTM, 3 of a GRU. */
export interface RecurrentWeights {
  /** W_ih [G·H, I]. */
  readonly weightIh: Tensor;
  /** W_hh [G·H, H]. */
  readonly weightHh: Tensor;
  /** b_ih [G·H]. Default: zeros. */
  readonly biasIh?: Tensor | undefined;
  /** b_hh [G·H]. Default: zeros. */
  readonly biasHh?: Tensor | undefined;
}

export interface RecurrentOptions {
  /** Of each sequence, [N] int32. Beyond it outputs are 0 and the state stays. Default: all of T. */
  readonly lengths?: Tensor | undefined;
  /** From the last step of each sequence to its first. Default false. */
  readonly reverse?: boolean;
}

export interface RecurrentSizes {
  readonly batch: number;
  readonly steps: number;
  readonly hidden: number;
}

/** Throws unless x, weights and lengths fit together. */
export function checkRecurrent(
  op: string,
  gates: number,
  x: Tensor,
  weights: RecurrentWeights,
  lengths: Tensor | undefined,
): RecurrentSizes {
  checkTensor(x, op);
  if (typeof weights !== 'object' || weights === null) {
    throw new ShapeError(
      `The weights of ${op}() are { weightIh, weightHh, biasIh, biasHh }. Received: ${describe(weights)}.`,
    );
  }
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  checkTensor(weightHh, op, 'weightHh');
  if (x.shape.length !== 3 || x.dtype !== 'float32') {
    throw new ShapeError(
      `${op}() takes float32 sequences x [N, T, features]. Received: ${describe(x)}. ` +
        (x.shape.length === 2 ? 'Add the batch or time axis with expandDims().' : 'reshape() it.'),
    );
  }
  const [batch, steps, features] = x.shape as [number, number, number];
  const hidden = weightHh.shape[1] ?? 0;
  checkShape(op, 'weightHh', weightHh, [gates * hidden, hidden]);
  checkShape(op, 'weightIh', weightIh, [gates * hidden, features]);
  if (biasIh !== undefined) checkShape(op, 'biasIh', biasIh, [gates * hidden]);
  if (biasHh !== undefined) checkShape(op, 'biasHh', biasHh, [gates * hidden]);
  if (lengths !== undefined) {
    checkTensor(lengths, op, 'lengths');
    if (lengths.dtype !== 'int32' || !sameShape(lengths.shape, [batch])) {
      throw new ShapeError(
        `The lengths of ${op}() are int32, one for each sequence. Expected: [${batch}]. ` +
          `Received: ${describe(lengths)}.`,
      );
    }
  }
  return { batch, steps, hidden };
}

/** A state [N, H], zeros where there is none. */
export function initialState(
  op: string,
  name: string,
  state: Tensor | undefined,
  { batch, hidden }: RecurrentSizes,
): Tensor {
  if (state === undefined) return fill([batch, hidden], 0);
  checkShape(op, name, state, [batch, hidden]);
  return state;
}

export function wholeLengths({ batch, steps }: RecurrentSizes): Tensor {
  return fill([batch], steps, 'int32');
}

/** x·W_ihᵀ and the biases given, for all steps in one product. */
export function projected(
  x: Tensor,
  { weightIh }: RecurrentWeights,
  biases: (Tensor | undefined)[],
): Tensor {
  const given = biases.filter((bias) => bias !== undefined);
  return linear(x, weightIh, given.length === 2 ? add(given[0]!, given[1]!) : given[0]);
}

function checkShape(op: string, name: string, t: Tensor, shape: Shape): void {
  checkTensor(t, op, name);
  if (t.dtype === 'float32' && sameShape(t.shape, shape)) return;
  throw new ShapeError(
    `The argument ${name} of ${op}() is float32 of shape ${shapeText(shape)}. Received: ${describe(t)}.` +
      (sameShape([...t.shape].reverse(), shape) && t.shape.length === 2 ? ' transpose() it.' : ''),
  );
}
