/** What operations give, by plain loops in double precision. */

/** [m, k]·[k, n] */
export function hostMatmul(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  m: number,
  k: number,
  n: number,
): Float64Array {
  const y = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const v = a[i * k + l]!;
      for (let j = 0; j < n; j++) y[i * n + j]! += v * b[l * n + j]!;
    }
  }
  return y;
}

/** [rows, columns] → [columns, rows] */
export function hostTranspose(x: Float32Array, rows: number, columns: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) y[j * rows + i] = x[i * columns + j]!;
  }
  return y;
}

type Shape4 = readonly [number, number, number, number];

/** x [N, H, W, C] with w [h, w, C, O], strides 1, `padding` zeros on every side. */
export function hostConv2d(
  x: Float32Array,
  [count, height, width, channels]: Shape4,
  w: Float32Array,
  [filterHeight, filterWidth, , outputs]: Shape4,
  padding: number,
): Float64Array {
  const [rows, columns] = [
    height + 2 * padding - filterHeight + 1,
    width + 2 * padding - filterWidth + 1,
  ];
  const y = new Float64Array(count * rows * columns * outputs);
  for (let at = 0; at < y.length; at += outputs) {
    const pixel = at / outputs;
    const [image, row, column] = [
      Math.floor(pixel / (rows * columns)),
      Math.floor(pixel / columns) % rows,
      pixel % columns,
    ];
    for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
      const i = row + Math.floor(tap / filterWidth) - padding;
      const j = column + (tap % filterWidth) - padding;
      if (i < 0 || i >= height || j < 0 || j >= width) continue;
      const from = ((image * height + i) * width + j) * channels;
      for (let c = 0; c < channels; c++) {
        const v = x[from + c]!;
        const weights = (tap * channels + c) * outputs;
        for (let o = 0; o < outputs; o++) y[at + o]! += v * w[weights + o]!;
      }
    }
  }
  return y;
}
