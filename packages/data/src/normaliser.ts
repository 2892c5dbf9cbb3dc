import { ConfigError } from '@stratajs/core';

/**
 * Turns raw values into inputs: (v·scale − mean) / std per channel, scale 1/255 for bytes and 1 for
 * floats, computed in double precision and rounded once. Bytes go through a table of 256 entries per
 * channel: a look-up per value is several times as quick as the arithmetic.
 */
export class Normaliser {
  private readonly channels: number;
  private readonly mean: readonly number[];
  private readonly std: readonly number[];
  /** Entry 256·c + v is the input for byte v in channel c; empty for floats. */
  private readonly table: Float32Array;

  constructor(
    mean: number | readonly number[],
    std: number | readonly number[],
    channels: number,
    isBytes: boolean,
  ) {
    this.mean = perChannel('mean', mean, channels);
    this.std = perChannel('std', std, channels);
    for (const s of this.std) {
      if (!(s > 0)) throw new ConfigError(`std must be positive. Received: std=${String(std)}.`);
    }
    // Where all channels are alike, one table and no counting of channels.
    const alike = this.mean.every((m, c) => m === this.mean[0] && this.std[c] === this.std[0]);
    this.channels = alike ? 1 : channels;
    this.table = new Float32Array(isBytes ? this.channels * 256 : 0);
    for (let i = 0; i < this.table.length; i++) {
      const c = i >> 8;
      this.table[i] = ((i & 255) / 255 - this.mean[c]!) / this.std[c]!;
    }
  }

  /** Normalises `count` values (whole pixels) of `from` into `to`. */
  apply(
    from: Uint8Array | Float32Array,
    fromOffset: number,
    to: Float32Array,
    toOffset: number,
    count: number,
  ): void {
    const { channels, table } = this;
    if (!(from instanceof Uint8Array)) {
      for (let i = 0; i < count; i++) {
        const c = i % channels;
        to[toOffset + i] = (from[fromOffset + i]! - this.mean[c]!) / this.std[c]!;
      }
    } else if (channels === 1) {
      for (let i = 0; i < count; i++) to[toOffset + i] = table[from[fromOffset + i]!]!;
    } else {
      for (let c = 0; c < channels; c++) {
        const row = c << 8;
        for (let i = c; i < count; i += channels) {
          to[toOffset + i] = table[row + from[fromOffset + i]!]!;
        }
      }
    }
  }
}

function perChannel(
  what: string,
  value: number | readonly number[],
  channels: number,
): readonly number[] {
  const values = typeof value === 'number' ? Array<number>(channels).fill(value) : value;
  if (values.length !== channels || !values.every(Number.isFinite)) {
    throw new ConfigError(
      `${what} is one finite number, or one for each of the ${channels} channels. Received: ${what}=[${values.join(', ')}].`,
    );
  }
  return values;
}
