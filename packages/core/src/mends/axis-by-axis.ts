/**
 * Kernels of tfjs whose shaders take four axes at most, for tensors of more: one axis after the other, of three
 * [before, axis, after].
 */
import {
  getKernel,
  type KernelFunc,
  slice_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';

const MOST_AXES = 4;

/** The first and the last of three axes whole, whatever begin and end say. */
const ALL_AROUND = 0b101;

type Arguments = Parameters<KernelFunc>[0];

/** Runs the engine's kernels on temporaries, of which it frees each when the next is there. */
class Chain {
  private readonly engine: string;
  private readonly backend: Arguments['backend'];
  private current: TensorInfo;

  constructor(engine: string, { backend, inputs }: Arguments) {
    this.engine = engine;
    this.backend = backend;
    this.current = { ...(inputs as { x: TensorInfo }).x };
    (backend as { incRef(dataId: object): void }).incRef(this.current.dataId);
  }

  get shape(): number[] {
    return this.current.shape;
  }

  /** The result, which is the caller's. */
  get result(): TensorInfo {
    return this.current;
  }

  run(kernel: KernelFunc, attrs: object): void {
    const { backend, current } = this;
    this.current = kernel({ inputs: { x: current }, attrs, backend } as never) as TensorInfo;
    (backend as { disposeData(dataId: object): boolean }).disposeData(current.dataId);
  }

  reshape(shape: number[]): void {
    this.run(getKernel('Reshape', this.engine).kernelFunc, { shape });
  }

  /** Runs a kernel on [before, axis, after], and gives the axis the length that it has then. */
  along(axis: number, kernel: KernelFunc, attrs: object): void {
    const { shape } = this;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    this.reshape([util.sizeFromShape(before), shape[axis]!, util.sizeFromShape(after)]);
    this.run(kernel, attrs);
    this.reshape([...before, this.shape[1]!, ...after]);
  }
}

export function padByAxis(original: KernelFunc, engine: string): KernelFunc {
  return (args) => {
    const { paddings, constantValue } = args.attrs as unknown as {
      paddings: [number, number][];
      constantValue: number;
    };
    if (paddings.length <= MOST_AXES) return original(args);
    const chain = new Chain(engine, args);
    paddings.forEach((padding, axis) => {
      if (padding[0] + padding[1] === 0) return;
      chain.along(axis, original, { paddings: [[0, 0], padding, [0, 0]], constantValue });
    });
    return chain.result;
  };
}

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

export function stridedSliceByAxis(original: KernelFunc, engine: string): KernelFunc {
  return (args) => {
    const { x } = args.inputs as { x: TensorInfo };
    if (x.shape.length <= MOST_AXES) return original(args);
    const a = args.attrs as unknown as StridedSliceAttributes;
    const { finalShape, begin, end, strides } = slice_util.sliceInfo(
      x.shape,
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    // Empty results and plain slices need no shader of that kind.
    if (finalShape.includes(0) || strides.every((stride) => stride === 1)) return original(args);
    const chain = new Chain(engine, args);
    strides.forEach((stride, axis) => {
      const length = x.shape[axis]!;
      if (stride === 1 && begin[axis] === 0 && end[axis] === length) return;
      // An end before the first element, where the stride goes backwards, is no index: the mask says so.
      chain.along(axis, original, {
        begin: [0, begin[axis]!, 0],
        end: [0, end[axis]!, 0],
        strides: [1, stride, 1],
        beginMask: ALL_AROUND,
        endMask: end[axis]! < 0 ? ALL_AROUND | 0b010 : ALL_AROUND,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      });
    });
    chain.reshape(finalShape);
    return chain.result;
  };
}
