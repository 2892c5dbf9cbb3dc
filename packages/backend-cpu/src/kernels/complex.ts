/** Complex numbers: two float32 tensors that a complex64 tensor owns, on which other kernels work part by part. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, type Output, type Runtime, share } from './kernel.js';

interface Input {
  readonly input: TensorInfo;
}
interface X {
  readonly x: TensorInfo;
}
interface Operands {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

const isComplex = (x: TensorInfo | undefined): boolean => x?.dtype === 'complex64';

const complex: MakeKernel<{ readonly real: TensorInfo; readonly imag: TensorInfo }> =
  ({ backend }) =>
  ({ real, imag }) => {
    if (real.dtype !== 'float32' || imag.dtype !== 'float32') return undefined;
    const { shape } = real;
    return backend.complexOf(backend.alias(real, shape), backend.alias(imag, shape), shape);
  };

function part(which: 'real' | 'imag'): MakeKernel<Input> {
  return ({ backend }) =>
    ({ input }) => {
      if (!isComplex(input)) return undefined;
      return backend.alias(backend.partsOf(input)[which], input.shape);
    };
}

const complexAbs: MakeKernel<X> =
  ({ native, backend }) =>
  ({ x }) => {
    if (!isComplex(x)) return undefined;
    const { real, imag } = backend.partsOf(x);
    const values = backend.values(real);
    const y = backend.allocate(x.shape, 'float32', values.length);
    native.magnitude(values, backend.values(imag), backend.values(y), values.length);
    return y;
  };

type Run = (inputs: never, attributes: never) => Output | undefined;

/** A complex tensor of both results; undefined, and nothing left behind, when one of them is missing. */
function paired(
  { backend }: Runtime,
  real: Output | undefined,
  imag: Output | undefined,
): TensorInfo | undefined {
  if (real !== undefined && imag !== undefined) {
    const [re, im] = [real, imag] as TensorInfo[] as [TensorInfo, TensorInfo];
    return backend.complexOf(re, im, [...re.shape]);
  }
  for (const made of [real, imag]) if (made) backend.disposeData((made as TensorInfo).dataId);
  return undefined;
}

/** A kernel, and for complex inputs its results for the real parts and for the imaginary parts. `first` is one input's name. */
function byParts(make: MakeKernel<never, never>, first: string): MakeKernel<never, never> {
  return (runtime) => {
    const kernel: Run = make(runtime);
    return (inputs: Readonly<Record<string, TensorInfo>>, attributes: never) => {
      // First, and by one look: this stands before the smallest additions.
      if (inputs[first]?.dtype !== 'complex64') return kernel(inputs as never, attributes);
      const entries = Object.entries(inputs);
      if (!entries.every(([, x]) => isComplex(x))) return undefined;
      const run = (which: 'real' | 'imag'): Output | undefined => {
        const parts = entries.map(([name, x]) => [name, runtime.backend.partsOf(x)[which]]);
        return kernel(Object.fromEntries(parts) as never, attributes);
      };
      return paired(runtime, run('real'), run('imag'));
    };
  };
}

/** (a + bi)(c + di) = ac − bd + (ad + bc)i. */
function multiply(numeric: KernelSet): MakeKernel<Operands> {
  return (runtime) => {
    const of = (name: string): ((a: TensorInfo, b: TensorInfo) => TensorInfo | undefined) => {
      const run: Run = (numeric[name] as MakeKernel<never>)(runtime);
      return (a, b) => run({ a, b } as never, {} as never) as TensorInfo | undefined;
    };
    const [times, plus, minus] = ['Multiply', 'Add', 'Sub'].map(of) as [
      ReturnType<typeof of>,
      ReturnType<typeof of>,
      ReturnType<typeof of>,
    ];
    return ({ a, b }) => {
      if (!isComplex(a) || !isComplex(b)) return times(a, b);
      const [left, right] = [runtime.backend.partsOf(a), runtime.backend.partsOf(b)];
      const combined = (
        join: typeof plus,
        p: TensorInfo | undefined,
        q: TensorInfo | undefined,
      ): TensorInfo | undefined => {
        const result = p && q && join(p, q);
        for (const made of [p, q]) if (made) runtime.backend.disposeData(made.dataId);
        return result;
      };
      return paired(
        runtime,
        combined(minus, times(left.real, right.real), times(left.imag, right.imag)),
        combined(plus, times(left.real, right.imag), times(left.imag, right.real)),
      );
    };
  };
}

/** To complex64 with imaginary parts of 0, and from it by leaving them out. */
function cast(numeric: KernelSet): MakeKernel<X, { readonly dtype: DataType }> {
  return (runtime) => {
    const { backend } = runtime;
    const plain: Run = (numeric['Cast'] as MakeKernel<never>)(runtime);
    const zerosLike: Run = (numeric['ZerosLike'] as MakeKernel<never>)(runtime);
    /** A tensor of its own: nothing else may hold the data id of a part. */
    const own = (x: TensorInfo, dtype: DataType): TensorInfo | undefined =>
      x.dtype === dtype
        ? backend.alias(x, x.shape)
        : (plain({ x } as never, { dtype } as never) as TensorInfo | undefined);
    return ({ x }, { dtype }) => {
      if (isComplex(x)) {
        return dtype === 'complex64' ? share(runtime, x) : own(backend.partsOf(x).real, dtype);
      }
      if (dtype !== 'complex64') return plain({ x } as never, { dtype } as never);
      const real = own(x, 'float32');
      return real && paired(runtime, real, zerosLike({ x: real } as never, {} as never));
    };
  };
}

/** Kernels that only give the elements another shape hand the parts on with them. */
function reshaping(make: MakeKernel<never, never>, input: string): MakeKernel<never, never> {
  return (runtime) => {
    const kernel: Run = make(runtime);
    return (inputs: Readonly<Record<string, TensorInfo>>, attributes: never) => {
      const x = inputs[input] as TensorInfo;
      if (!isComplex(x)) return kernel(inputs as never, attributes);
      const shaped = { ...x, dtype: 'float32' };
      const y = kernel({ ...inputs, [input]: shaped } as never, attributes);
      return y && { ...(y as TensorInfo), dtype: 'complex64' };
    };
  };
}

function onesLike(numeric: KernelSet): MakeKernel<X> {
  return (runtime) => {
    const [ones, zeros] = ['OnesLike', 'ZerosLike'].map((name): Run =>
      (numeric[name] as MakeKernel<never>)(runtime),
    ) as [Run, Run];
    return ({ x }) => {
      if (!isComplex(x)) return ones({ x } as never, {} as never);
      const { real, imag } = runtime.backend.partsOf(x);
      return paired(
        runtime,
        ones({ x: real } as never, {} as never),
        zeros({ x: imag } as never, {} as never),
      );
    };
  };
}

/** The kernels of complex numbers, and those of `numeric` that tfjs has for complex numbers, too. */
export function complexKernels(numeric: KernelSet): KernelSet {
  const of = (name: string): MakeKernel<never, never> => numeric[name] as MakeKernel<never, never>;
  return {
    Complex: complex,
    Real: part('real'),
    Imag: part('imag'),
    ComplexAbs: complexAbs,
    Add: byParts(of('Add'), 'a'),
    Sub: byParts(of('Sub'), 'a'),
    Multiply: multiply(numeric),
    Concat: byParts(of('Concat'), '0'),
    ZerosLike: byParts(of('ZerosLike'), 'x'),
    OnesLike: onesLike(numeric),
    Cast: cast(numeric),
    Reshape: reshaping(of('Reshape'), 'x'),
    ExpandDims: reshaping(of('ExpandDims'), 'input'),
  };
}
