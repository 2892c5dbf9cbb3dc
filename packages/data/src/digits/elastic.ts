/** Nodes of the lattice per side; the cubic B-spline has NODES − 3 cells. */
const NODES = 7;
const CELLS = NODES - 3;
/** The lattice covers [-REACH, REACH]²: a digit and what an affine map adds to it. */
const REACH = 0.75;

/** Random numbers in [0, 1) that one field takes. */
export const ELASTIC_DRAWS: number = 2 * NODES * NODES;

/**
 * A smooth random displacement of the plane: Simard, Steinkraus, Platt, "Best practices for
 * convolutional neural networks applied to visual document analysis", 2003.
 *
 * Differs from the paper: the field is drawn on a coarse lattice and smoothed by a cubic B-spline
 * (which is nearly the paper's Gaussian), and it moves the strokes, not the pixels, so that edges stay sharp.
 *
 * @param line x0, y0, x1, y1, …, changed in place.
 * @param strength The largest displacement of a node.
 * @param draws ELASTIC_DRAWS numbers in [0, 1), from `offset` on.
 */
export function bend(line: number[], strength: number, draws: Float32Array, offset: number): void {
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  for (let p = 0; p < line.length; p += 2) {
    const column = weights(line[p]!, wx);
    const row = weights(line[p + 1]!, wy);
    let dx = 0;
    let dy = 0;
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 4; c++) {
        const node = offset + 2 * ((row + r) * NODES + column + c);
        const weight = wy[r]! * wx[c]!;
        dx += weight * (2 * draws[node]! - 1);
        dy += weight * (2 * draws[node + 1]! - 1);
      }
    }
    line[p]! += strength * dx;
    line[p + 1]! += strength * dy;
  }
}

/** The four cubic B-spline weights at `position`, and the first node that they belong to. */
function weights(position: number, out: Float64Array): number {
  const scaled = Math.min(Math.max(((position + REACH) / (2 * REACH)) * CELLS, 0), CELLS - 1e-6);
  const cell = Math.floor(scaled);
  const t = scaled - cell;
  const s = 1 - t;
  out[0] = (s * s * s) / 6;
  out[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  out[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
  out[3] = (t * t * t) / 6;
  return cell;
}
