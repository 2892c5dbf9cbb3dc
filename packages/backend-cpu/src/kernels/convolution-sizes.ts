/** What the costs of a convolution's algorithms depend on. */

/** The convolution itself, and its gradients with respect to its input and its filter. */
export type Pass = 'forward' | 'input' | 'filter';

/** One axis of the way that a pass takes: the input's gradient goes over the inputs, the others over the outputs. */
interface Axis {
  readonly length: number;
  readonly taps: number;
  /** Pairs of an output and a tap that meet the image, and those of them whose output does not meet it with every tap. */
  readonly pairs: number;
  readonly pairsAtEdges: number;
}

export interface PassSizes {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly read: number;
  /** In whole vectors: half ones at least. */
  readonly written: number;
  /** Whether strides and dilations are 1. */
  readonly isPlain: boolean;
}

/** `sizes` as in conv-sizes.ts. */
export function passSizes(pass: Pass, sizes: Int32Array): PassSizes {
  const at = (i: number): number => sizes[i]!;
  const isBack = pass === 'input';
  const axis = (i: 0 | 1): Axis => {
    const [inputs, outputs, taps, padding] = [at(1 + i), at(4 + i), at(7 + i), at(13 + i)];
    let pairs = 0;
    for (let tap = 0; tap < taps; tap++) {
      const first = Math.max(0, padding - tap);
      pairs += Math.max(0, Math.min(outputs, inputs + padding - tap) - first);
    }
    const whole = Math.max(0, Math.min(outputs, inputs + padding - taps + 1) - padding);
    return { length: isBack ? inputs : outputs, taps, pairs, pairsAtEdges: pairs - whole * taps };
  };
  const [channels, outChannels] = [at(3), at(6)];
  return {
    batch: at(0),
    rows: axis(0),
    columns: axis(1),
    read: isBack ? outChannels : channels,
    written: Math.ceil((isBack ? channels : outChannels) / 8) * 8,
    isPlain: at(9) === 1 && at(10) === 1 && at(11) === 1 && at(12) === 1,
  };
}
