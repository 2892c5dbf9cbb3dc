import {
  add,
  ConfigError,
  describeValue,
  mul,
  noGrad,
  State,
  tensor,
  type Tensor,
  tidy,
} from '@stratajs/core';
import { assign } from '@stratajs/core';
import { type HostTensors, misfits, readStates, writeStates } from './checkpoint/host-tensor.js';
import type { Metric } from './metrics/metric.js';

export type Metrics = Readonly<Record<string, Metric>>;

const LOSS = 'loss';

/**
 * The totals of loss and metrics over an epoch, on the device. A step adds to them without a read;
 * `values()` reads them.
 *
 * Loss: Σ lossᵢ·nᵢ / Σ nᵢ over batches of nᵢ samples, the mean over samples where each batch's loss
 * is the mean over its own.
 */
export class EpochTotals {
  private readonly metrics: Metrics;
  private readonly states: Map<string, State>;

  constructor(metrics: Metrics) {
    this.metrics = metrics;
    this.states = tidy(() => {
      const states = new Map<string, State>();
      try {
        states.set(LOSS, new State(tensor(0)));
        for (const [name, metric] of Object.entries(metrics)) {
          for (const [total, t] of Object.entries(metric.init())) {
            states.set(`${name}/${total}`, new State(t));
          }
        }
        return states;
      } catch (error) {
        for (const state of states.values()) state.dispose();
        throw error;
      }
    });
  }

  /** The totals now: tensors of the enclosing tidy(). */
  current(): Record<string, Tensor> {
    return Object.fromEntries([...this.states].map(([name, state]) => [name, state.value]));
  }

  /** The totals `before` after a batch: new tensors of the enclosing tidy(). Nothing changes until `commit()`. */
  after(
    before: Readonly<Record<string, Tensor>>,
    loss: Tensor,
    output: Tensor,
    target: Tensor,
    samples: number,
  ): Record<string, Tensor> {
    return noGrad(() => {
      const next: Record<string, Tensor> = { [LOSS]: add(before[LOSS]!, mul(loss, samples)) };
      for (const [name, metric] of Object.entries(this.metrics)) {
        const names = [...this.states.keys()].filter((key) => key.startsWith(`${name}/`));
        const now = Object.fromEntries(
          names.map((key) => [key.slice(name.length + 1), before[key]!]),
        );
        const updated = metric.update(now, output, target);
        for (const key of names)
          next[key] = sameKind(key, this.states.get(key)!, updated[key.slice(name.length + 1)]);
      }
      return next;
    });
  }

  commit(next: Readonly<Record<string, Tensor>>): void {
    for (const [name, value] of Object.entries(next)) assign(this.states.get(name)!, value);
  }

  /** Reads the totals: the mean loss over `samples`, and each metric. */
  async values(samples: number): Promise<Record<string, number>> {
    const read = await readStates(this.states);
    const values: Record<string, number> = { loss: Number(read[LOSS]!.data[0]) / samples };
    for (const [name, metric] of Object.entries(this.metrics)) {
      const totals = Object.entries(read)
        .filter(([key]) => key.startsWith(`${name}/`))
        .map(([key, total]) => [key.slice(name.length + 1), total.data] as const);
      values[name] = metric.value(Object.fromEntries(totals));
    }
    return values;
  }

  save(): Promise<HostTensors> {
    return readStates(this.states);
  }

  /** What of saved totals does not fit these, one line each. */
  misfits(saved: HostTensors): string[] {
    return misfits('total of a metric', this.states, saved);
  }

  restore(saved: HostTensors): void {
    writeStates(this.states, saved);
  }

  dispose(): void {
    for (const state of this.states.values()) state.dispose();
  }
}

function sameKind(name: string, state: State, next: Tensor | undefined): Tensor {
  const fits =
    next?.dtype === state.dtype &&
    next.rank === state.shape.length &&
    next.shape.every((d, i) => d === state.shape[i]);
  if (fits) return next!;
  throw new ConfigError(
    `The update() of a metric returns every total that its init() gave, in shape and dtype. Expected: '${name}' ` +
      `${state.dtype} [${state.shape.join(', ')}]. Received: ${describeValue(next)}.`,
  );
}
