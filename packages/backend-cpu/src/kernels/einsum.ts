/** Sums of products in Einstein's notation, of one operand or two, as one matrix product. */
import { backend_util, getKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { ENGINE } from '../kernel-table.js';
import { type KernelSet, type MakeKernel, type Runtime, sizeOf } from './kernel.js';

/** A tensor and the letter, as a number, of each of its axes. */
interface Labelled {
  readonly info: TensorInfo;
  readonly axes: readonly number[];
}

/** Runs kernels of this engine on temporaries, which it frees at the end. */
class Steps {
  private readonly made: TensorInfo[] = [];
  readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  run(name: string, inputs: Record<string, TensorInfo>, attrs: object): TensorInfo {
    const { kernelFunc } = getKernel(name, ENGINE);
    const { backend } = this.runtime;
    const y = kernelFunc({ inputs, attrs, backend } as Parameters<KernelFunc>[0]) as TensorInfo;
    this.made.push(y);
    return y;
  }

  /** Frees all but `result`. */
  end(result: TensorInfo): TensorInfo {
    for (const info of this.made) {
      if (info !== result) this.runtime.backend.disposeIntermediateTensorInfo(info);
    }
    return result;
  }

  reshape(x: TensorInfo, shape: readonly number[]): TensorInfo {
    return this.run('Reshape', { x }, { shape });
  }

  /** `axes` in the order of `wanted`. */
  permute({ info, axes }: Labelled, wanted: readonly number[]): TensorInfo {
    return this.run('Transpose', { x: info }, { perm: wanted.map((axis) => axes.indexOf(axis)) });
  }

  /** Sums over the axes that `needed` lacks. */
  keepOnly({ info, axes }: Labelled, needed: ReadonlySet<number>): Labelled {
    const axis = axes.flatMap((name, i) => (needed.has(name) ? [] : [i]));
    if (axis.length === 0) return { info, axes };
    const summed = this.run('Sum', { x: info }, { axis, keepDims: false });
    return { info: summed, axes: axes.filter((name) => needed.has(name)) };
  }

  /** [batch, first, second], or with the last two the other way round where that spares moving elements. */
  matrix(
    t: Labelled,
    batch: readonly number[],
    first: readonly number[],
    second: readonly number[],
    sizes: readonly number[],
  ): { info: TensorInfo; transposed: boolean } {
    const size = (axes: readonly number[]): number => sizeOf(axes.map((n) => sizes[n] as number));
    const lies = (order: readonly number[]): boolean => order.every((n, i) => t.axes[i] === n);
    const transposed =
      lies([...batch, ...second, ...first]) && !lies([...batch, ...first, ...second]);
    const [outer, inner] = transposed ? [second, first] : [first, second];
    const placed = this.permute(t, [...batch, ...outer, ...inner]);
    return { info: this.reshape(placed, [size(batch), size(outer), size(inner)]), transposed };
  }
}

/** Only float32; tfjs's parser names what it does not read: repeated letters, more operands, '...'. */
const einsum: MakeKernel<readonly TensorInfo[], { readonly equation: string }> =
  (runtime) =>
  (inputs, { equation }) => {
    const tensors = Object.values(inputs);
    if (tensors.length > 2 || tensors.some((x) => x.dtype !== 'float32')) return undefined;
    const decoded = backend_util.decodeEinsumEquation(equation, tensors.length);
    const { allDims, summedDims, idDims } = decoded;
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as never);
    const sizes: number[] = Array.from({ length: allDims.length }, () => 1);
    idDims.forEach((axes, i) =>
      axes.forEach((n, d) => (sizes[n] = tensors[i]!.shape[d] as number)),
    );
    const output = allDims.map((_, n) => n).filter((n) => !summedDims.includes(n));
    const operands = tensors.map((info, i): Labelled => ({ info, axes: idDims[i] as number[] }));
    const steps = new Steps(runtime);
    if (operands.length === 1) {
      const kept = steps.keepOnly(operands[0] as Labelled, new Set(output));
      return steps.end(steps.permute(kept, output));
    }

    const [a, b] = operands as [Labelled, Labelled];
    const left = steps.keepOnly(a, new Set([...output, ...b.axes]));
    const right = steps.keepOnly(b, new Set([...output, ...a.axes]));
    const shared = left.axes.filter((n) => right.axes.includes(n));
    const batch = shared.filter((n) => output.includes(n));
    const summed = shared.filter((n) => !output.includes(n));
    const rows = left.axes.filter((n) => !right.axes.includes(n));
    const columns = right.axes.filter((n) => !left.axes.includes(n));
    const x = steps.matrix(left, batch, rows, summed, sizes);
    const w = steps.matrix(right, batch, summed, columns, sizes);
    const product = steps.run(
      'BatchMatMul',
      { a: x.info, b: w.info },
      { transposeA: x.transposed, transposeB: w.transposed },
    );
    const axes = [...batch, ...rows, ...columns];
    const whole = steps.reshape(
      product,
      axes.map((n) => sizes[n] as number),
    );
    return steps.end(steps.permute({ info: whole, axes }, output));
  };

export const einsumKernels: KernelSet = { Einsum: einsum };
