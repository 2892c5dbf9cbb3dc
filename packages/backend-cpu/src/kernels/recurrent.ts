/** LSTM and GRU over whole sequences, and their gradients. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Attributes {
  readonly reverse?: boolean;
}

interface LstmInputs {
  readonly projected: TensorInfo;
  readonly weight: TensorInfo;
  readonly hidden: TensorInfo;
  readonly cell: TensorInfo;
  readonly lengths: TensorInfo;
}

interface LstmGradientInputs extends LstmInputs {
  readonly trace: TensorInfo;
  readonly dy: TensorInfo;
  readonly dHidden: TensorInfo;
  readonly dCell: TensorInfo;
}

interface GruInputs {
  readonly projected: TensorInfo;
  readonly weight: TensorInfo;
  readonly bias: TensorInfo;
  readonly hidden: TensorInfo;
  readonly lengths: TensorInfo;
}

interface GruGradientInputs extends GruInputs {
  readonly trace: TensorInfo;
  readonly dy: TensorInfo;
  readonly dHidden: TensorInfo;
}

/** [N, T, H, reverse], as native/recurrent/steps.h reads it; written anew by every call. */
const sizes = new Int32Array(4);

function setSizes(projected: TensorInfo, hidden: TensorInfo, attributes: Attributes): void {
  sizes[0] = projected.shape[0] as number;
  sizes[1] = projected.shape[1] as number;
  sizes[2] = hidden.shape[1] as number;
  sizes[3] = attributes.reverse === true ? 1 : 0;
}

/** y, the last hidden and cell state, and the trace. */
const lstm: MakeKernel<LstmInputs, Attributes> =
  ({ native, backend }) =>
  ({ projected, weight, hidden, cell, lengths }, attributes) => {
    setSizes(projected, hidden, attributes);
    const [n, t, h] = sizes as unknown as [number, number, number];
    const y = backend.allocate([n, t, h], 'float32', n * t * h);
    const lastHidden = backend.allocate([n, h], 'float32', n * h);
    const lastCell = backend.allocate([n, h], 'float32', n * h);
    const trace = backend.allocate([n, t, 6 * h], 'float32', n * t * 6 * h);
    native.lstm(
      backend.values(projected),
      backend.values(weight),
      backend.values(hidden),
      backend.values(cell),
      backend.values(lengths),
      backend.values(y),
      backend.values(lastHidden),
      backend.values(lastCell),
      backend.values(trace),
      sizes,
    );
    return [y, lastHidden, lastCell, trace];
  };

/** The gradients of the projected inputs, the weight and both initial states. */
const lstmGradient: MakeKernel<LstmGradientInputs, Attributes> =
  ({ native, backend }) =>
  ({ projected, weight, hidden, cell, lengths, trace, dy, dHidden, dCell }, attributes) => {
    setSizes(projected, hidden, attributes);
    const like = ({ shape }: TensorInfo): TensorInfo =>
      backend.allocate(shape, 'float32', sizeOf(shape));
    const made = [projected, weight, hidden, cell].map(like);
    native.lstmGradient(
      backend.values(weight),
      backend.values(lengths),
      backend.values(trace),
      backend.values(dy),
      backend.values(dHidden),
      backend.values(dCell),
      ...made.map((info) => backend.values(info)),
      sizes,
    );
    return made;
  };

/** y, the last hidden state, and the trace. */
const gru: MakeKernel<GruInputs, Attributes> =
  ({ native, backend }) =>
  ({ projected, weight, bias, hidden, lengths }, attributes) => {
    setSizes(projected, hidden, attributes);
    const [n, t, h] = sizes as unknown as [number, number, number];
    const y = backend.allocate([n, t, h], 'float32', n * t * h);
    const lastHidden = backend.allocate([n, h], 'float32', n * h);
    const trace = backend.allocate([n, t, 5 * h], 'float32', n * t * 5 * h);
    native.gru(
      backend.values(projected),
      backend.values(weight),
      backend.values(bias),
      backend.values(hidden),
      backend.values(lengths),
      backend.values(y),
      backend.values(lastHidden),
      backend.values(trace),
      sizes,
    );
    return [y, lastHidden, trace];
  };

/** The gradients of the projected inputs, the weight, its bias and the initial state. */
const gruGradient: MakeKernel<GruGradientInputs, Attributes> =
  ({ native, backend }) =>
  ({ projected, weight, bias, hidden, lengths, trace, dy, dHidden }, attributes) => {
    setSizes(projected, hidden, attributes);
    const like = ({ shape }: TensorInfo): TensorInfo =>
      backend.allocate(shape, 'float32', sizeOf(shape));
    const [dProjected, dWeight, dBias, dFirst] = [projected, weight, bias, hidden].map(like) as [
      TensorInfo,
      TensorInfo,
      TensorInfo,
      TensorInfo,
    ];
    const dInner = like(dy);
    native.gruGradient(
      backend.values(weight),
      backend.values(lengths),
      backend.values(trace),
      backend.values(dy),
      backend.values(dHidden),
      backend.values(dProjected),
      backend.values(dInner),
      backend.values(dWeight),
      backend.values(dBias),
      backend.values(dFirst),
      sizes,
    );
    backend.disposeIntermediateTensorInfo(dInner);
    return [dProjected, dWeight, dBias, dFirst];
  };

export const recurrentKernels: KernelSet = {
  StrataLstm: lstm,
  StrataLstmGrad: lstmGradient,
  StrataGru: gru,
  StrataGruGrad: gruGradient,
};
