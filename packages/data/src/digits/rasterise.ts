/** The pen in pixels. */
export interface Pen {
  readonly width: number;
  /** Over how many pixels the ink fades out at the edge; 1 is plain antialiasing. */
  readonly softness: number;
  /** Grey value of full ink, up to 255. */
  readonly ink: number;
}

/**
 * Draws a polyline into a grey image: a pixel gets ink·clamp((width/2 − d)/softness + ½), d the
 * distance of its centre from the nearest segment, and keeps the darkest of all strokes.
 *
 * @param line x0, y0, x1, y1, … in pixels; (0, 0) is the corner of the first pixel.
 * @param image size·size bytes.
 */
export function rasterise(
  line: readonly number[],
  pen: Pen,
  image: Uint8Array,
  size: number,
): void {
  const half = pen.width / 2;
  const reach = half + pen.softness / 2;
  for (let p = 0; p + 3 < line.length; p += 2) {
    const x0 = line[p]! - 0.5;
    const y0 = line[p + 1]! - 0.5;
    const dx = line[p + 2]! - 0.5 - x0;
    const dy = line[p + 3]! - 0.5 - y0;
    const inverse = 1 / Math.max(dx * dx + dy * dy, 1e-12);
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach));
    const right = Math.min(size - 1, Math.floor(Math.max(x0, x0 + dx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach));
    const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y0 + dy) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) * inverse, 0), 1);
        const ex = x - x0 - along * dx;
        const ey = y - y0 - along * dy;
        const distance = Math.sqrt(ex * ex + ey * ey);
        const cover = Math.min(Math.max((half - distance) / pen.softness + 0.5, 0), 1);
        const grey = Math.round(pen.ink * cover);
        const at = y * size + x;
        if (grey > image[at]!) image[at] = grey;
      }
    }
  }
}
