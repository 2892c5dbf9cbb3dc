import { tensor } from '@stratajs/core';
import { complete, type Initializer } from './initializer.js';

/**
 * A matrix whose rows or columns, whichever are fewer, are orthonormal, times `gain`. The matrix has the
 * last axis as columns and all others as rows: [out, in] of a Linear, [kernel·in, out] of a convolution.
 *
 * Gram-Schmidt on normal numbers drawn on the host, each vector twice, so that rounding leaves them
 * orthogonal. Costs rows·columns·min(rows, columns).
 *
 * Paper: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks", ICLR 2014.
 */
export function orthogonal(gain: number = 1): Initializer {
  return (shape, context) => {
    const { rng } = complete(shape, context);
    const columns = shape.at(-1) ?? 1;
    const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const vectors = Float64Array.from(rng.normalArray(count * length, { mean: 0, std: 1 }));
    for (let i = 0; i < count; i++) {
      const v = vectors.subarray(i * length, (i + 1) * length);
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < i; j++) removePart(v, vectors.subarray(j * length, (j + 1) * length));
      }
      const norm = Math.sqrt(dot(v, v));
      for (let k = 0; k < length; k++) v[k]! /= norm;
    }
    const values = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        values[r * columns + c] = gain * vectors[rows < columns ? r * length + c : c * length + r]!;
      }
    }
    return tensor(values, shape);
  };
}

/** v ← v − (v·unit) unit */
function removePart(v: Float64Array, unit: Float64Array): void {
  const along = dot(v, unit);
  for (let k = 0; k < v.length; k++) v[k]! -= along * unit[k]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
