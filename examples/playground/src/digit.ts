/** Makes of a drawing what the data sets hold: 28x28 values between 0 and 1, the figure in the middle. */

export const SIDE = 28;
/** The figure's longer side, as in MNIST. */
const FIGURE = 20;
const FAINT = 0.1;

/**
 * @param ink how dark each pixel of a square drawing is, 0 to 1, row by row.
 * @param side of the drawing.
 * @returns null when nothing was drawn.
 */
export function centredDigit(ink: Float32Array, side: number): Float32Array | null {
  const box = boundsOf(ink, side);
  if (box === null) return null;
  const { left, top, right, bottom } = box;
  const scale = Math.max(right - left, bottom - top) / FIGURE;
  const figure = new Float32Array(SIDE * SIDE);
  // The middle of the box to the middle of the image; then the centre of mass.
  const originX = (left + right) / 2 - (SIDE / 2) * scale;
  const originY = (top + bottom) / 2 - (SIDE / 2) * scale;
  resample(ink, side, figure, originX, originY, scale);
  const { x, y } = centreOf(figure);
  resample(ink, side, figure, originX + x * scale, originY + y * scale, scale);
  return figure;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boundsOf(ink: Float32Array, side: number): Box | null {
  let [left, top, right, bottom] = [side, side, 0, 0];
  ink.forEach((value, i) => {
    if (value < FAINT) return;
    const [x, y] = [i % side, Math.floor(i / side)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return right === 0 ? null : { left, top, right, bottom };
}

/** Each pixel becomes the mean of the square that it covers. */
function resample(
  ink: Float32Array,
  side: number,
  to: Float32Array,
  originX: number,
  originY: number,
  scale: number,
): void {
  const samples = Math.max(1, Math.ceil(scale));
  for (let i = 0; i < to.length; i++) {
    const x = originX + (i % SIDE) * scale;
    const y = originY + Math.floor(i / SIDE) * scale;
    let sum = 0;
    for (let sy = 0; sy < samples; sy++)
      for (let sx = 0; sx < samples; sx++) {
        const px = Math.floor(x + ((sx + 0.5) * scale) / samples);
        const py = Math.floor(y + ((sy + 0.5) * scale) / samples);
        if (px >= 0 && py >= 0 && px < side && py < side) sum += ink[py * side + px]!;
      }
    to[i] = sum / (samples * samples);
  }
}

/** How far the centre of mass lies from the middle, in pixels. */
function centreOf(image: Float32Array): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    mass += value;
    x += value * ((i % SIDE) + 0.5 - SIDE / 2);
    y += value * (Math.floor(i / SIDE) + 0.5 - SIDE / 2);
  });
  return mass === 0 ? { x: 0, y: 0 } : { x: x / mass, y: y / mass };
}
