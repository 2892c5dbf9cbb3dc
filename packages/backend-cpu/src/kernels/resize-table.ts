/** Which pixels each output of a resized image reads, along one axis: native/kernels/resize.cc takes it from here. */

export interface Alignment {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** For output i: the pixels places[2i] and places[2i + 1], the second with the weight shares[i]. */
export interface LinearTable {
  readonly places: Int32Array;
  readonly shares: Float32Array;
}

/** A table of `outputs` entries that read at `at(i)`, clamped to the `inputs` pixels. */
export function linearTable(
  inputs: number,
  outputs: number,
  at: (i: number) => number,
): LinearTable {
  const places = new Int32Array(2 * outputs);
  const shares = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const place = at(i);
    const low = Math.max(0, Math.floor(place));
    const high = Math.min(inputs - 1, Math.ceil(place));
    // One pixel alone has all the weight.
    places[2 * i] = Math.min(low, inputs - 1);
    places[2 * i + 1] = Math.max(high, 0);
    shares[i] = low < high ? place - low : 0;
  }
  return { places, shares };
}

/** tfjs's and TensorFlow's rule of linear interpolation. */
export function bilinearTable(
  inputs: number,
  outputs: number,
  { alignCorners, halfPixelCenters }: Alignment,
): LinearTable {
  const scale = scaleOf(inputs, outputs, alignCorners);
  const shift = halfPixelCenters ? 0.5 : 0;
  return linearTable(inputs, outputs, (i) => scale * (i + shift) - shift);
}

/** tfjs's and TensorFlow's rule of the nearest pixel: one place for each output. */
export function nearestTable(
  inputs: number,
  outputs: number,
  { alignCorners, halfPixelCenters }: Alignment,
): Int32Array {
  const scale = scaleOf(inputs, outputs, alignCorners);
  const shift = halfPixelCenters ? 0.5 : 0;
  return Int32Array.from({ length: outputs }, (_, i) => {
    const place = scale * (i + shift);
    const pixel = alignCorners ? Math.round(place) : Math.floor(place);
    return Math.max(0, Math.min(inputs - 1, pixel));
  });
}

/** A table of single places as one of pairs. */
export function paired(places: Int32Array): LinearTable {
  const pairs = new Int32Array(2 * places.length);
  places.forEach((place, i) => (pairs[2 * i] = pairs[2 * i + 1] = place));
  return { places: pairs, shares: new Float32Array(places.length) };
}

/** For each of `inputs` pixels, the outputs [first, end) among which lie all those that read it. */
export function spansOf({ places }: LinearTable, inputs: number): Int32Array {
  const spans = new Int32Array(2 * inputs);
  for (let i = 0; i < places.length; i++) {
    const pixel = places[i] as number;
    const output = i >> 1;
    const unread = spans[2 * pixel + 1] === 0;
    if (unread) spans[2 * pixel] = output;
    spans[2 * pixel + 1] = output + 1;
  }
  return spans;
}

function scaleOf(inputs: number, outputs: number, alignCorners: boolean): number {
  const inner = alignCorners && outputs > 1;
  return (inner ? inputs - 1 : inputs) / (inner ? outputs - 1 : outputs);
}
