import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { StrataCpuBackend } from '../backend.js';
import type { NumericArray } from '../storage/data-table.js';
import type { StrataWasmBackend } from './backend.js';
import type { KernelArguments } from './kernel.js';

/**
 * Runs the kernels of the JavaScript tier on tensors of this one. They read the program's memory where
 * it lies; what they make is copied into it.
 */
export class Host {
  private readonly wasm: StrataWasmBackend;
  /** Not registered with tfjs: it holds tensors only while a kernel runs. */
  private readonly host = new StrataCpuBackend(null);

  constructor(wasm: StrataWasmBackend) {
    this.wasm = wasm;
  }

  run(kernel: KernelFunc, { inputs, attrs }: KernelArguments): TensorInfo | TensorInfo[] {
    const held: TensorInfo[] = [];
    // Some inputs are arrays of tensors, and the inputs of Concat and its like are an array themselves.
    const lend = (x: unknown): unknown => {
      if (!x) return x;
      if (Array.isArray(x)) return x.map(lend);
      const lent = this.lend(x as TensorInfo);
      held.push(lent);
      return lent;
    };
    const lent = Array.isArray(inputs)
      ? inputs.map(lend)
      : Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, lend(x)]));
    try {
      const made = kernel({ inputs: lent, attrs, backend: this.host } as KernelArguments);
      const results = Array.isArray(made) ? made : [made];
      held.push(...results);
      for (const x of results) this.takeOut(x);
      const taken = results.map((x) => this.take(x));
      return Array.isArray(made) ? taken : (taken[0] as TensorInfo);
    } finally {
      for (const { dataId } of held) this.host.disposeData(dataId);
    }
  }

  private lend(x: TensorInfo): TensorInfo {
    const { shape, dtype } = x;
    const { stringBytes, complexTensorInfos } = this.wasm.dataIdMap.get(x.dataId);
    if (complexTensorInfos) {
      const lent = this.host.makeTensorInfo(shape, dtype);
      this.host.data.get(lent.dataId).complexTensorInfos = {
        real: this.lend(complexTensorInfos.real),
        imag: this.lend(complexTensorInfos.imag),
      };
      return lent;
    }
    return this.host.makeTensorInfo(shape, dtype, stringBytes ?? this.wasm.typedArrayFromHeap(x));
  }

  /** A result that is part of an input (Slice) leaves the program's memory before that can grow. */
  private takeOut({ dataId }: TensorInfo): void {
    const data = this.host.data.get(dataId);
    if (data.complexTensorInfos) {
      this.takeOut(data.complexTensorInfos.real);
      this.takeOut(data.complexTensorInfos.imag);
    } else if (data.dtype !== 'string') {
      const values = data.values as NumericArray;
      if (values.buffer === this.wasm.wasm.HEAPU8.buffer) data.values = values.slice();
    }
  }

  private take({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    const { values, complexTensorInfos } = this.host.data.get(dataId);
    return complexTensorInfos
      ? this.wasm.makeComplex(
          this.take({ ...complexTensorInfos.real, shape }),
          this.take({ ...complexTensorInfos.imag, shape }),
        )
      : this.wasm.makeOutput(shape, dtype, null, values);
  }
}
