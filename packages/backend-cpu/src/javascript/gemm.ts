/**
 * Matrix product for machines without native code: C[m, n] = A[m, k] · B[k, n], either operand
 * transposed. Packed into strips of four rows and four columns, so that the inner loop reads straight
 * through memory and holds its sixteen sums in locals; about three times tfjs's own loop.
 */
const TILE = 4;
/** Rows of k that a strip holds at once: two strips and the tile stay in the first-level cache. */
const DEPTH = 256;

export interface Matrix {
  readonly data: Float32Array;
  readonly offset: number;
  /** Element (row, column) lies at offset + row·rowStride + column·columnStride. */
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Adds A·B into `c`, which lies row by row from `offset`. */
export function gemm(
  m: number,
  n: number,
  k: number,
  a: Matrix,
  b: Matrix,
  c: Float32Array,
  offset: number,
): void {
  const strips = Math.ceil(n / TILE);
  const packedA = new Float32Array(DEPTH * TILE);
  const packedB = new Float32Array(strips * DEPTH * TILE);
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = Math.min(DEPTH, k - k0);
    for (let s = 0; s < strips; s++) {
      packStrip(
        packedB,
        s * DEPTH * TILE,
        b.data,
        b.offset + k0 * b.rowStride + s * TILE * b.columnStride,
        b.rowStride,
        b.columnStride,
        depth,
        Math.min(TILE, n - s * TILE),
      );
    }
    for (let i = 0; i < m; i += TILE) {
      const rows = Math.min(TILE, m - i);
      packStrip(
        packedA,
        0,
        a.data,
        a.offset + i * a.rowStride + k0 * a.columnStride,
        a.columnStride,
        a.rowStride,
        depth,
        rows,
      );
      for (let s = 0; s < strips; s++) {
        const columns = Math.min(TILE, n - s * TILE);
        tile(
          packedA,
          packedB,
          s * DEPTH * TILE,
          depth,
          c,
          offset + i * n + s * TILE,
          n,
          rows,
          columns,
        );
      }
    }
  }
}

/** Copies `depth` steps of up to four neighbours into steps of exactly four, the rest zero. */
function packStrip(
  to: Float32Array,
  at: number,
  from: Float32Array,
  start: number,
  stepStride: number,
  neighbourStride: number,
  depth: number,
  width: number,
): void {
  for (let p = 0; p < depth; p++) {
    const source = start + p * stepStride;
    const target = at + p * TILE;
    for (let j = 0; j < TILE; j++)
      to[target + j] = j < width ? from[source + j * neighbourStride]! : 0;
  }
}

/** One 4x4 tile: c += strip of A · strip of B. */
function tile(
  a: Float32Array,
  b: Float32Array,
  bAt: number,
  depth: number,
  c: Float32Array,
  at: number,
  stride: number,
  rows: number,
  columns: number,
): void {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let p = 0, i = 0, j = bAt; p < depth; p++, i += TILE, j += TILE) {
    const a0 = a[i]!,
      a1 = a[i + 1]!,
      a2 = a[i + 2]!,
      a3 = a[i + 3]!;
    const b0 = b[j]!,
      b1 = b[j + 1]!,
      b2 = b[j + 2]!,
      b3 = b[j + 3]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  addRow(c, at, columns, s00, s01, s02, s03);
  if (rows > 1) addRow(c, at + stride, columns, s10, s11, s12, s13);
  if (rows > 2) addRow(c, at + 2 * stride, columns, s20, s21, s22, s23);
  if (rows > 3) addRow(c, at + 3 * stride, columns, s30, s31, s32, s33);
}

function addRow(
  c: Float32Array,
  at: number,
  columns: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  c[at] = c[at]! + s0;
  if (columns > 1) c[at + 1] = c[at + 1]! + s1;
  if (columns > 2) c[at + 2] = c[at + 2]! + s2;
  if (columns > 3) c[at + 3] = c[at + 3]! + s3;
}
