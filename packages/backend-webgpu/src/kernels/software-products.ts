/**
 * Products of matrices where a processor stands in for the GPU. tfjs's programs share parts of the matrices among the threads of a group, which
 * a processor has to imitate, at ten times the price of the arithmetic. Here each invocation computes four rows of four columns alone.
 */
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { flat, sizeOf } from '../shaders/program.js';

interface Product {
  readonly batch: number;
  /** How many matrices A and B have of their own: as many as the batch, or one for all. */
  readonly batches: readonly [number, number];
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly shape: readonly number[];
}

/** Takes the place of BatchMatMul and _FusedMatMul for sizes in fours; others go to tfjs's kernel. */
export function softwareProduct(original: KernelFunc): KernelFunc {
  return (call) => {
    const { a, b, bias } = call.inputs as Record<'a' | 'b' | 'bias', TensorInfo>;
    const { activation } = call.attrs as { activation?: string | null };
    const product = productOf(a, b, call.attrs as unknown as Flags);
    const plain = activation == null || activation === 'linear';
    const fitting = bias == null || (bias.shape.length === 1 && bias.shape[0] === product?.columns);
    if (product === null || !plain || !fitting) return original(call);
    const inputs = bias == null ? [a, b] : [a, b, bias];
    const made = (call.backend as WebGPUBackend).runWebGPUProgram(
      programOf(product, bias != null),
      inputs,
      'float32',
    );
    return { ...made, shape: [...product.shape] };
  };
}

interface Flags {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function productOf(
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: Flags,
): Product | null {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const [rows, depth] = turned(a.shape.slice(-2), transposeA);
  const [, columns] = turned(b.shape.slice(-2), transposeB);
  const batches = [sizeOf(a.shape.slice(0, -2)), sizeOf(b.shape.slice(0, -2))] as const;
  const [fewer, batch] = [Math.min(...batches), Math.max(...batches)];
  const inFours = depth % 4 === 0 && columns % 4 === 0 && (!transposeA || rows % 4 === 0);
  const isSimple = fewer === batch || fewer === 1;
  if (!inFours || !isSimple || batch * rows * depth * columns === 0) return null;
  const outer = (batches[0] === batch ? a : b).shape.slice(0, -2);
  const sizes = { batch, batches, rows, depth, columns };
  return { ...sizes, transposeA, transposeB, shape: [...outer, rows, columns] };
}

const turned = (sizes: readonly number[], transpose: boolean): [number, number] =>
  (transpose ? sizes.toReversed() : sizes) as [number, number];

function programOf(product: Product, withBias: boolean): WebGPUProgram {
  const { batch, batches, rows, depth, columns, transposeA, transposeB } = product;
  const [down, across] = [Math.ceil(rows / 4), columns / 4];
  const four = [0, 1, 2, 3];
  // Four columns of a matrix in WGSL: of A four rows of the product, of B the four columns at each of four depths.
  const a = transposeA
    ? `transpose(mat4x4<f32>(${four.map((i) => `A[a + (k + ${i}) * ${rows / 4} + down]`).join(', ')}))`
    : `mat4x4<f32>(${four.map((i) => `A[a + min(4 * down + ${i}, ${rows - 1}) * ${depth / 4} + k / 4]`).join(', ')})`;
  const b = transposeB
    ? `transpose(mat4x4<f32>(${four.map((i) => `B[b + (4 * across + ${i}) * ${depth / 4} + k / 4]`).join(', ')}))`
    : `mat4x4<f32>(${four.map((i) => `B[b + (k + ${i}) * ${across} + across]`).join(', ')})`;
  const store = (i: number): string => `
    if (4 * down + ${i} < ${rows}) {
      setOutputAtIndex((batch * ${rows} + 4 * down + ${i}) * ${across} + across, sums[${i}]${withBias ? ' + Bias[across]' : ''});
    }
  `;
  const key = [batch, ...batches, rows, depth, columns, transposeA, transposeB, withBias].join('-');
  return {
    ...flat(`strata-product-${key}`, batch * rows * columns, batch * down * across),
    variableNames: withBias ? ['A', 'B', 'Bias'] : ['A', 'B'],
    variableComponents: withBias ? [4, 4, 4] : [4, 4],
    outputComponent: 4,
    getUserCode: () => `
      fn main(index : i32) {
        let across = index % ${across};
        let down = (index / ${across}) % ${down};
        let batch = index / ${across * down};
        // tfjs hands a size over, which has to be used.
        if (batch >= ${batch} || index >= uniforms.size) {
          return;
        }
        let a = (batch % ${batches[0]}) * ${(rows * depth) / 4};
        let b = (batch % ${batches[1]}) * ${(columns * depth) / 4};
        var sums = mat4x4<f32>();
        for (var k = 0; k < ${depth}; k = k + 4) {
          sums = sums + (${b}) * (${a});
        }
        ${four.map(store).join('')}
      }
    `,
  };
}
