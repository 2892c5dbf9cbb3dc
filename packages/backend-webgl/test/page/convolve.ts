/** Convolutions of many images, which come from the host: their textures are laid out otherwise than those that programs write. */
import { conv2d, type Padding, Rng, type Tensor, tensor, tidy, use, vjp } from '@stratajs/core';
import { webgl } from '../../src/index.js';

/** Largest differences from the host's own sums, of the result and of both gradients. */
export type Errors = readonly [y: number, dx: number, dFilter: number];

type Shape4 = readonly [number, number, number, number];

const FILTER = [5, 5, 3, 4] as const;

export async function convolve(images: Shape4, padding: Padding): Promise<Errors> {
  await use(webgl());
  const rng = new Rng(3);
  const values = (shape: readonly number[]): Float32Array =>
    rng.uniformArray(
      shape.reduce((a, b) => a * b, 1),
      { min: -1 },
    );
  const [x, filter] = [values(images), values(FILTER)];
  const border: number = padding === 'same' ? 2 : 0;
  const result = [images[0], images[1] - 4 + 2 * border, images[2] - 4 + 2 * border, 4] as const;
  const dy = values(result);
  const results = tidy(() => {
    const { value, pullback } = vjp(
      (a: Tensor, b: Tensor) => conv2d(a, b, { padding }),
      tensor(x, images),
      tensor(filter, FILTER),
    );
    return [value, ...pullback(tensor(dy, result))];
  });
  const received = await Promise.all(results.map((t) => t.data()));
  const expected = [
    new Float64Array(dy.length),
    new Float64Array(x.length),
    new Float64Array(filter.length),
  ] as const;
  forTerms(images, result, border, (i, f, o) => {
    expected[0][o]! += x[i]! * filter[f]!;
    expected[1][i]! += dy[o]! * filter[f]!;
    expected[2][f]! += dy[o]! * x[i]!;
  });
  return expected.map((numbers, k) =>
    numbers.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - (received[k] as Float32Array)[i]!)),
      0,
    ),
  ) as unknown as Errors;
}

/** Every product of a pixel and a weight, with the element of the result that it belongs to. */
function forTerms(
  [batch, rows, columns, channels]: Shape4,
  [, height, width, filters]: Shape4,
  border: number,
  term: (pixel: number, weight: number, element: number) => void,
): void {
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < height; r++)
      for (let c = 0; c < width; c++)
        for (let fr = 0; fr < 5; fr++)
          for (let fc = 0; fc < 5; fc++) {
            const [row, column] = [r + fr - border, c + fc - border];
            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
            for (let d = 0; d < channels; d++)
              for (let e = 0; e < filters; e++)
                term(
                  ((b * rows + row) * columns + column) * channels + d,
                  ((fr * 5 + fc) * channels + d) * filters + e,
                  ((b * height + r) * width + c) * filters + e,
                );
          }
}
