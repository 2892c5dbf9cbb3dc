import type { Program, Tensor } from '@stratajs/core';
import type { PooledType } from '../storage/buffer-pool.js';
import type { Allocation, Slotted } from './linked.js';
import type { PlannedBuffer } from './planned-array.js';

/** Numbers for the buffers that live longer than a native stage, in the order in which they are asked for. */
export class Slots {
  private readonly program: Program;
  private readonly bufferOf: readonly PlannedBuffer[];
  private readonly numbers: Map<PlannedBuffer, number> = new Map();
  /** What a run is given, or has made already. */
  private readonly made: Set<number> = new Set();

  constructor(program: Program, bufferOf: readonly PlannedBuffer[]) {
    this.program = program;
    this.bufferOf = bufferOf;
  }

  get count(): number {
    return this.numbers.size;
  }

  numberOf(buffer: PlannedBuffer): number {
    let number = this.numbers.get(buffer);
    if (number === undefined) this.numbers.set(buffer, (number = this.numbers.size));
    return number;
  }

  /** The number of a buffer that has one. */
  find(buffer: PlannedBuffer): number | undefined {
    return this.numbers.get(buffer);
  }

  of(value: number): Slotted {
    const { shape, dtype } = this.program.values[value] as {
      shape: readonly number[];
      dtype: Tensor['dtype'];
    };
    return { slot: this.numberOf(this.bufferOf[value]!), shape, dtype };
  }

  /** From here on these are there. */
  has(slots: readonly Slotted[]): void {
    for (const { slot } of slots) this.made.add(slot);
  }

  /** Those of `buffers` that have a number and are not there yet, and have to be made. */
  missing(buffers: Iterable<PlannedBuffer>): Allocation[] {
    const found: Allocation[] = [];
    for (const buffer of buffers) {
      const slot = this.numbers.get(buffer);
      if (slot === undefined || this.made.has(slot)) continue;
      this.made.add(slot);
      found.push({ slot, dtype: buffer.dtype as PooledType, length: buffer.length });
    }
    return found;
  }
}
