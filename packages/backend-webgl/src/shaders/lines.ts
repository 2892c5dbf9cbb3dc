/**
 * Tensors as their textures have them: lines of texels of two rows and two columns each. A line belongs to one matrix, the tensor's last two
 * axes; where these have an odd number of rows, its last line has one.
 */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Fragment, Named } from './fragment.js';
import { free, laidOut } from './layout.js';
import { sizeOf } from './program.js';

/** What a program reads, each a `vec4` of that name in the code, or a `vec2` in one that goes along a row. */
export interface Operands {
  /** Of one shape, of two axes at least. */
  readonly wide: Named<TensorInfo>;
  /** [columns]: an element for each of the last axis. */
  readonly perColumn?: Named<TensorInfo>;
  /** An element for each row, whatever the shape. */
  readonly perRow?: Named<TensorInfo>;
  /** Floats in the code. */
  readonly numbers?: Named<number>;
}

/** What stands before main(): places, and the reading of texels. The uniform `axes` is how many rows a matrix has, and columns. */
export const LINES = `
  int pairs() { return (axes.y + 1) / 2; }
  int linesOfMatrix() { return (axes.x + 1) / 2; }
  int firstRow(int line) { return line / linesOfMatrix() * axes.x + line % linesOfMatrix() * 2; }
  bool hasSecondRow(int line) { return line % linesOfMatrix() * 2 + 1 < axes.x; }
`;

/** Operands laid out for a program: its part of a Fragment, and how its code reads them. */
export interface Laid {
  readonly reading: Required<Pick<Fragment, 'textures' | 'floats' | 'ints'>>;
  readonly rows: number;
  readonly columns: number;
  /** Lines of all matrices. */
  readonly lines: number;
  /** Declares each of `wide`, two rows and two columns at `line` and `pair`. */
  readonly readWide: string;
  /** The same of `perColumn`, at `pair`. */
  readonly readColumns: string;
  /** The same of `perRow`, at `line`. */
  readonly readRows: string;
  free(): void;
}

export function layOut(
  gpu: MathBackendWebGL,
  { wide, perColumn = {}, perRow = {}, numbers = {} }: Operands,
): Laid {
  const given = { ...wide, ...perColumn, ...perRow };
  const laid = Object.entries(given).map(
    ([name, x]) => [`${name}Texture`, laidOut(gpu, x, name in perRow ? 1 : 4)] as const,
  );
  const [{ shape }] = Object.values(wide) as [TensorInfo];
  const [height, columns] = shape.slice(-2) as [number, number];
  const matrices = sizeOf(shape.slice(0, -2));
  const each = (of: Named<TensorInfo>, line: (name: string) => string): string =>
    Object.keys(of).map(line).join('\n');
  return {
    reading: {
      textures: Object.fromEntries(laid),
      floats: numbers,
      ints: { axes: [height, columns] },
    },
    rows: matrices * height,
    columns,
    lines: matrices * Math.ceil(height / 2),
    readWide: each(
      wide,
      (name) => `vec4 ${name} = texelAt(${name}Texture, line * pairs() + pair);`,
    ),
    readColumns: each(perColumn, (name) => `vec4 ${name} = texelAt(${name}Texture, pair).xyxy;`),
    // Of a second row that is not there something is read, and not used.
    readRows: each(
      perRow,
      (name) =>
        `vec4 ${name} = vec2(texelAt(${name}Texture, firstRow(line)).x, texelAt(${name}Texture, firstRow(line) + 1).x).xxyy;`,
    ),
    free() {
      free(
        gpu,
        laid.map(([, x]) => x),
        Object.values(given),
      );
    },
  };
}
