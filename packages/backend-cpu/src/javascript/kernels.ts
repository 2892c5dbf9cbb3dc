/**
 * The kernels in which tfjs's JavaScript loses most of its time: products of matrices and convolutions of
 * float32, over `gemm`, and gradients; and those of int32 in which it loses digits. Whatever they do not
 * cover goes to tfjs's own kernel.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, convolutionInfo } from '../kernels/conv-sizes.js';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.js';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-gradients.js';
import { gemm, type Matrix } from './gemm.js';
import { maxPoolGrad } from './max-pool-grad.js';
import { unsortedSegmentSum } from './segment-sum.js';
import { type JavascriptKernel, type Storage, values } from './storage.js';
import { wholeNumberKernels } from './whole-numbers.js';

interface GradientAttributes extends ConvAttributes {
  readonly inputShape: number[];
  readonly filterShape: number[];
}

/** Kernel name → kernel; `tfjs(name)` gives tfjs's own for what one of these leaves. */
export function javascriptKernels(tfjs: (name: string) => KernelFunc): Record<string, KernelFunc> {
  /** Runs `own`, or tfjs's kernel where `own` gives undefined. */
  const orTfjs = (name: string, own: JavascriptKernel): KernelFunc => {
    const theirs = tfjs(name);
    return (args) => {
      const inputs = args.inputs as Record<string, TensorInfo>;
      return own(inputs, args.attrs ?? {}, args.backend as Storage) ?? theirs(args);
    };
  };
  const forward: JavascriptKernel = (inputs, attrs, storage) => {
    const { x, filter, bias } = inputs;
    const info = convolutionInfo(x!.shape, filter!.shape, attrs as unknown as ConvAttributes);
    if (!info || !plain(attrs, x!, filter!, bias)) return undefined;
    const y = conv2d(info, values(storage, x!), values(storage, filter!));
    if (bias && !addBias(y, info.outChannels, values(storage, bias))) return undefined;
    return storage.makeTensorInfo(info.outShape, 'float32', y);
  };
  const product: JavascriptKernel = (inputs, attrs, storage) => {
    const { a, b, bias } = inputs;
    if (a!.shape.length < 2 || b!.shape.length < 2 || !plain(attrs, a!, b!, bias)) return undefined;
    const result = batchedProduct(a!, b!, attrs, storage);
    if (!result || (bias && !addBias(result.values, result.shape.at(-1)!, values(storage, bias)))) {
      return undefined;
    }
    return storage.makeTensorInfo(result.shape, 'float32', result.values);
  };
  return {
    Conv2D: orTfjs('Conv2D', forward),
    FusedConv2D: orTfjs('FusedConv2D', forward),
    Conv2DBackpropInput: orTfjs('Conv2DBackpropInput', ({ dy, filter }, attrs, storage) => {
      const of = attrs as unknown as GradientAttributes;
      const info = convolutionInfo(of.inputShape, filter!.shape, of);
      if (!info || !plain(attrs, dy!, filter!)) return undefined;
      // tfjs's own kernel lets dy be smaller than the convolution's result, and has a spec for it.
      if (String(dy!.shape) !== String(info.outShape)) return undefined;
      const dx = conv2dBackpropInput(info, values(storage, dy!), values(storage, filter!));
      return storage.makeTensorInfo(info.inShape, 'float32', dx);
    }),
    Conv2DBackpropFilter: orTfjs('Conv2DBackpropFilter', ({ x, dy }, attrs, storage) => {
      const of = attrs as unknown as GradientAttributes;
      const info = convolutionInfo(x!.shape, of.filterShape, of);
      if (!info || !plain(attrs, x!, dy!)) return undefined;
      if (String(dy!.shape) !== String(info.outShape)) return undefined;
      const dw = conv2dBackpropFilter(info, values(storage, x!), values(storage, dy!));
      return storage.makeTensorInfo(info.filterShape, 'float32', dw);
    }),
    DepthwiseConv2dNativeBackpropInput: orTfjs(
      'DepthwiseConv2dNativeBackpropInput',
      depthwiseBackpropInput,
    ),
    DepthwiseConv2dNativeBackpropFilter: orTfjs(
      'DepthwiseConv2dNativeBackpropFilter',
      depthwiseBackpropFilter,
    ),
    MaxPoolGrad: orTfjs('MaxPoolGrad', maxPoolGrad),
    UnsortedSegmentSum: orTfjs('UnsortedSegmentSum', unsortedSegmentSum),
    ...Object.fromEntries(
      Object.entries(wholeNumberKernels).map(([name, own]) => [name, orTfjs(name, own)]),
    ),
    BatchMatMul: orTfjs('BatchMatMul', product),
    _FusedMatMul: orTfjs('_FusedMatMul', product),
  };
}

/** Whether all is float32 and no activation is asked for. */
function plain(
  attrs: Readonly<Record<string, unknown>>,
  ...tensors: (TensorInfo | undefined)[]
): boolean {
  const { activation } = attrs;
  return (
    (activation === undefined || activation === null || activation === 'linear') &&
    tensors.every((t) => t === undefined || t.dtype === 'float32')
  );
}

/** Adds a bias over the last axis; false when it is none (a broadcast of another shape). */
function addBias(y: Float32Array, columns: number, bias: Float32Array): boolean {
  if (bias.length !== columns) return false;
  for (let i = 0; i < y.length; i += columns) {
    for (let j = 0; j < columns; j++) y[i + j] = y[i + j]! + bias[j]!;
  }
  return true;
}

function batchedProduct(
  a: TensorInfo,
  b: TensorInfo,
  attrs: Readonly<Record<string, unknown>>,
  storage: Storage,
): { shape: number[]; values: Float32Array } | undefined {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = attrs['transposeA'] ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = attrs['transposeB'] ? [columnsB, rowsB] : [rowsB, columnsB];
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const [batchA, batchB] = [outerA, outerB].map((s) => s.reduce((x, y) => x * y, 1)) as [
    number,
    number,
  ];
  const same = String(outerA) === String(outerB);
  if (k !== inner || (!same && batchA !== 1 && batchB !== 1)) return undefined;
  const outer = batchA >= batchB && outerA.length >= outerB.length ? outerA : outerB;
  const batch = batchA * batchB === 0 ? 0 : Math.max(batchA, batchB);
  if (outer.reduce((x, y) => x * y, 1) !== batch) return undefined;
  const [dataA, dataB] = [values(storage, a), values(storage, b)];
  const out = new Float32Array(batch * m * n);
  for (let i = 0; i < batch; i++) {
    gemm(
      m,
      n,
      k,
      matrix(dataA, batchA === 1 ? 0 : i * m * k, columnsA, attrs['transposeA']),
      matrix(dataB, batchB === 1 ? 0 : i * k * n, columnsB, attrs['transposeB']),
      out,
      i * m * n,
    );
  }
  return { shape: [...outer, m, n], values: out };
}

function matrix(data: Float32Array, offset: number, columns: number, transposed: unknown): Matrix {
  return transposed
    ? { data, offset, rowStride: 1, columnStride: columns }
    : { data, offset, rowStride: columns, columnStride: 1 };
}
