/**
 * tfjs's product of packed matrices computes, for each of its two reads a turn, from row and column where in the texture the texel lies.
 * In a texture as wide as the matrix the next texel is always one step further: this is a sixth to a fifth of the product's time.
 */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from './program.js';

type Program = Parameters<MathBackendWebGL['runWebGLProgram']>[0];

/** Turns that stand in the loop's body. */
const UNROLLED = 4;

/** The code of tfjs's loop (mulmat_packed_gpu.ts): how A and B are read, and their products added. */
const LOOP =
  /for \(int i = 0; i < (\d+); i\+\+\) \{\s*vec4 a = getMatrixA\(batchA, ([^)]*)\);\s*vec4 b = getMatrixB\(batchB, ([^)]*)\);([^}]*)\}/;

/** Makes `program` walk where it is such a product, and both its textures are as wide as their matrices. */
export function walkInProducts(
  backend: Backend,
  program: Program,
  inputs: readonly TensorInfo[],
): void {
  const loop = LOOP.exec(program.userCode);
  if (loop === null) return;
  const [whole, turns, atA, atB, sums] = loop as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [a, b] = inputs.slice(0, 2).map((x) => walkable(backend, x));
  if (a == null || b == null) return;
  const body = `{
    vec4 a = texture(matrixA, startA + float(i) * stepA);
    vec4 b = texture(matrixB, startB + float(i) * stepB);
    ${sums}
    i++;
  }`;
  const rest = Number(turns) % UNROLLED;
  program.userCode = program.userCode.replace(
    whole,
    () => `
      int i = 0;
      ${walk('A', a, atA)}
      ${walk('B', b, atB)}
      while (i < ${Number(turns) - rest}) { ${body.repeat(UNROLLED)} }
      ${body.repeat(rest)}
    `,
  );
}

interface Layout {
  /** Texels of one matrix from top to bottom. */
  readonly rows: number;
  /** Texels of the texture. */
  readonly width: number;
  readonly height: number;
}

function walkable(backend: Backend, x: TensorInfo): Layout | null {
  const { shape, dtype } = x;
  const [height, width] = backend.texelsOf(x);
  const [rows, columns] = [half(shape.at(-2)!), half(shape.at(-1)!)];
  const matrices = shape.slice(0, -2).reduce((product, axis) => product * axis, 1);
  const fits = dtype === 'float32' && width === columns && height === rows * matrices;
  return fits ? { rows, width, height } : null;
}

/** `startA` and `stepA`, in parts of the texture, for reads `getMatrixA(batchA, row, column)`. */
function walk(name: string, { rows, width, height }: Layout, at: string): string {
  const [row, column] = at.split(', ') as [string, string];
  const place = (index: string): string => (index === 'i * 2' ? '0' : `${index} / 2`);
  const step = (index: string, size: number): string =>
    index === 'i * 2' ? `1.0 / ${size}.0` : '0.0';
  return `
    vec2 start${name} = (vec2(${place(column)}, batch${name} * ${rows} + ${place(row)}) + 0.5) / vec2(${width}.0, ${height}.0);
    vec2 step${name} = vec2(${step(column, width)}, ${step(row, height)});
  `;
}

const half = (size: number): number => Math.ceil(size / 2);
