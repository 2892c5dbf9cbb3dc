/** Every generator that training draws from: where each stands, and putting it back there. */
import { defaultRng, type Rng, type RngState } from '@stratajs/core';
import type { CheckpointParts, RandomState } from './checkpoint.js';

export function randomState(parts: CheckpointParts): RandomState {
  return {
    default: defaultRng().state(),
    model: positions(modelRngs(parts)),
    others: positions(Object.entries(parts.rngs ?? {})),
  };
}

/** Generators that the checkpoint and the program do not share, one line each. */
export function randomMisfits(parts: CheckpointParts, saved: RandomState): string[] {
  return [
    ...nameMisfits('generator of the model', modelRngs(parts), saved.model),
    ...nameMisfits('generator', Object.entries(parts.rngs ?? {}), saved.others),
  ];
}

export function restoreRandom(parts: CheckpointParts, saved: RandomState): void {
  // The default one first: a layer's generator may be the same object, saved at the same position.
  defaultRng().restore(saved.default);
  for (const [name, rng] of modelRngs(parts)) rng.restore(saved.model[name]!);
  for (const [name, rng] of Object.entries(parts.rngs ?? {})) rng.restore(saved.others[name]!);
}

function modelRngs({ model }: CheckpointParts): Iterable<readonly [string, Rng]> {
  return model.namedRngs?.() ?? [];
}

function positions(rngs: Iterable<readonly [string, Rng]>): Record<string, RngState> {
  return Object.fromEntries([...rngs].map(([name, rng]) => [name, rng.state()]));
}

function nameMisfits(
  what: string,
  rngs: Iterable<readonly [string, Rng]>,
  saved: Readonly<Record<string, RngState>>,
): string[] {
  const here = new Set([...rngs].map(([name]) => name));
  return [
    ...[...here]
      .filter((n) => !Object.hasOwn(saved, n))
      .map((n) => `missing in the checkpoint: ${what} '${n}'`),
    ...Object.keys(saved)
      .filter((n) => !here.has(n))
      .map((n) => `unexpected in the checkpoint: ${what} '${n}'`),
  ];
}
