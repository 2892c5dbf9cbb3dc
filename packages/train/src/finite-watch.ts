import { activeBackend, StrataError, stack, type Tensor } from '@stratajs/core';

/** A loss or gradient was NaN or infinite. The step changed no weight, and none after it went wrong unseen. */
export class NonFiniteError extends StrataError {
  /** The step, counted from 1 since training began. */
  readonly step: number;
  /** The first parameter whose gradient is not finite; null when the loss alone is not. */
  readonly parameter: string | null;
  readonly loss: number;

  constructor(step: number, parameter: string | null, loss: number) {
    const where = parameter === null ? 'the loss' : `the gradient of '${parameter}'`;
    super(
      `Training needs a finite loss and finite gradients. Received: a NaN or infinity in ${where} at step ${step}, ` +
        `where the loss is ${loss}. That step changed no weight. Look for bad values in its batch; lower the learning ` +
        'rate; clip the gradients with transformGradients.',
    );
    this.name = 'NonFiniteError';
    this.step = step;
    this.parameter = parameter;
    this.loss = loss;
  }
}

/** How often it is looked unless the options say: a read for every step would stall a GPU. */
export function usualCheckEvery(): number {
  return activeBackend()?.info.readsStall === true ? 20 : 1;
}

interface Pending {
  readonly step: number;
  readonly gate: Tensor;
  readonly loss: Tensor;
}

/**
 * The gates of the last steps, on the device. Each step's update was gated by its own; here they are
 * read together every `checkEvery` steps, as a read for every step would stall a GPU.
 */
export class FiniteWatch {
  private readonly checkEvery: number;
  private pending: Pending[] = [];

  constructor(checkEvery: number) {
    this.checkEvery = checkEvery;
  }

  /** Takes over `gate`, an index into `names` and then the loss, or −1; and the loss. */
  add(step: number, gate: Tensor, loss: Tensor): void {
    this.pending.push({ step, gate, loss });
  }

  get isDue(): boolean {
    return this.pending.length >= this.checkEvery;
  }

  /**
   * Reads the gates of the steps since `clear()`.
   *
   * @param names what the gates' indices mean; the index after the last means the loss.
   * @throws NonFiniteError for the first step that was not finite.
   */
  async check(names: readonly string[]): Promise<void> {
    if (this.pending.length === 0) return;
    const firsts = await this.readGates();
    const bad = firsts.findIndex((first) => first >= 0);
    if (bad < 0) return;
    const { step, loss } = this.pending[bad]!;
    throw new NonFiniteError(step, names[firsts[bad]!] ?? null, Number((await loss.data())[0]));
  }

  /** Frees what is pending. */
  clear(): void {
    for (const { gate, loss } of this.pending) {
      gate.dispose();
      loss.dispose();
    }
    this.pending = [];
  }

  private async readGates(): Promise<number[]> {
    if (this.pending.length === 1) return Array.from(await this.pending[0]!.gate.data(), Number);
    const gates = stack(this.pending.map(({ gate }) => gate));
    try {
      return Array.from(await gates.data(), Number);
    } finally {
      gates.dispose();
    }
  }
}
