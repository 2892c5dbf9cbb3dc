/** Arrays of a program that is being planned: native calls take them, nobody can look into them. */
import type { DataType } from '@tensorflow/tfjs-core';
import type { NumericArray } from '../storage/data-table.js';

/** Memory of a program; where it lies turns out when the program runs. */
export class PlannedBuffer {
  readonly dtype: DataType;
  /** In elements. */
  readonly length: number;
  /** What it holds, where that is known: a constant. */
  readonly known: NumericArray | undefined;
  /** The whole of it, for native calls. */
  array: NumericArray | undefined;

  constructor(dtype: DataType, length: number, known?: NumericArray) {
    this.dtype = dtype;
    this.length = length;
    this.known = known;
  }
}

/** Elements of a buffer. */
export interface Place {
  readonly buffer: PlannedBuffer;
  readonly offset: number;
  readonly length: number;
}

/** Thrown when a kernel looks into memory that it will only have when the program runs. */
export class HostAccess extends Error {}

const places: WeakMap<object, Place> = new WeakMap();

/** Where an argument of a native call lies in a program's memory; undefined for an array of the host's. */
export function placeOf(array: NumericArray): Place | undefined {
  return places.get(array);
}

/**
 * An array that stands for `place`. It has a length and parts, and may be filled by a native call, which `fill` makes; of a
 * constant the elements can be read. Whatever else is done to it throws HostAccess.
 */
export function plannedArray(
  place: Place,
  fill: (place: Place, value: number) => void,
): NumericArray {
  const { buffer, offset, length } = place;
  const known = buffer.known?.subarray(offset, offset + length);
  const own = {
    length,
    subarray: (begin = 0, end = length) =>
      plannedArray({ buffer, offset: offset + begin, length: end - begin }, fill),
    fill: (value: number) => fill(place, value),
  };
  const array = new Proxy(own, {
    get(target, property) {
      if (property in target) return target[property as keyof typeof target];
      if (known === undefined) throw new HostAccess(`reads ${String(property)} of a tensor`);
      const value: unknown = Reflect.get(known, property);
      return typeof value === 'function' ? (value as () => unknown).bind(known) : value;
    },
    set() {
      throw new HostAccess('writes elements of a tensor');
    },
  }) as unknown as NumericArray;
  places.set(array, place);
  return array;
}
