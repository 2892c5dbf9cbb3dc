/** Whether training for long leaves anything behind: tensors, memory of the GPU, programs. */
import {
  type BackendPlugin,
  compile,
  dispose,
  Rng,
  tensor,
  type Tensor,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { Linear, losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { memory } from '@tensorflow/tfjs-core';

export interface Held {
  readonly tensors: number;
  /** On the GPU, those kept for further use included. */
  readonly bytes: number;
  /** That were compiled. */
  readonly programs: number;
}

export interface Growth {
  readonly steps: number;
  /** After the first hundred steps, and after all. */
  readonly early: Held;
  readonly late: Held;
  readonly losses: readonly [early: number, late: number];
}

const STEPS = 2000;
const EARLY = 100;

/** Trains the smallest of networks for 2,000 steps, eagerly or replayed, on new data each time. */
export async function grow(plugin: BackendPlugin, mode: 'eager' | 'replayed'): Promise<Growth> {
  countCalls(globalThis.WebGL2RenderingContext?.prototype, 'linkProgram');
  countCalls(globalThis.GPUDevice?.prototype, 'createComputePipeline');
  await use(plugin);
  const rng = new Rng(1);
  const model = new Linear(6, 3, { rng });
  const optimizer = new SGD(model, { learningRate: 0.05, momentum: 0.9 });
  const learn = (x: Tensor, y: Tensor): Tensor => {
    const { value, grads } = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model)();
    optimizer.step(grads);
    dispose(grads);
    return value;
  };
  const step = mode === 'eager' ? learn : compile(learn);
  const loss: number[] = [];
  const seen: Held[] = [];
  for (let i = 1; i <= STEPS; i++) {
    const values = rng.uniformArray(8 * 6, { min: -1 });
    const x = tensor(values, [8, 6]);
    // The largest of the first three values is the class.
    const classes = Int32Array.from({ length: 8 }, (_, r) => {
      const row = values.subarray(6 * r, 6 * r + 3);
      return row.indexOf(Math.max(...row));
    });
    const y = tensor(classes);
    const value = step(x, y);
    if (i === EARLY || i === STEPS) {
      loss.push(((await value.data()) as Float32Array)[0]!);
      dispose([value, x, y]);
      seen.push(held());
    } else dispose([value, x, y]);
    // As programs do that read now and then: what is queued is drawn.
    if (i % 50 === 0) {
      const probe = tensor([i]);
      await probe.data();
      probe.dispose();
    }
  }
  const [early, late] = seen as [Held, Held];
  return { steps: STEPS, early, late, losses: loss as [number, number] };
}

let programs = 0;

/** Counts the programs that are made, whoever makes them. */
function countCalls<K extends string>(
  prototype: Record<K, (...args: never[]) => unknown> | undefined,
  method: K,
): void {
  if (prototype === undefined) return;
  const original = prototype[method];
  prototype[method] = function counted(this: unknown, ...args: never[]) {
    programs++;
    return original.apply(this, args);
  };
}

function held(): Held {
  const { numTensors, numBytesInGPUAllocated, numBytesInGPU } = memory() as unknown as Record<
    string,
    number
  >;
  return { tensors: numTensors!, bytes: numBytesInGPUAllocated ?? numBytesInGPU!, programs };
}
