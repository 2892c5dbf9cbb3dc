import { type State, tidy } from '@stratajs/core';
import { losses, type Sequential } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { Trainer } from '../src/index.js';
import { toyLoader, toyModel } from './toy.js';

/** A model, optimizer and loader after one epoch, so that no slot is zero. */
export async function trained(
  seed: number,
): Promise<{ model: Sequential; optimizer: Adam; loader: ReturnType<typeof toyLoader> }> {
  const model = toyModel(seed);
  const optimizer = new Adam(model, { learningRate: 0.01 });
  const loader = toyLoader(seed);
  await new Trainer({ model, optimizer, loss: losses.crossEntropy, progress: false }).fit(loader, {
    epochs: 1,
  });
  return { model, optimizer, loader };
}

export async function values(holder: {
  namedStates(): Iterable<readonly [string, State]>;
}): Promise<object> {
  const entries = [...holder.namedStates()].map(async ([name, s]) => {
    const value = tidy(() => s.value);
    const data = await value.data();
    value.dispose();
    return [name, data] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as object;
}
