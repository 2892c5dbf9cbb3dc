import type { ModuleLike } from '@stratajs/core';

interface Moded {
  training: boolean;
}

/**
 * Remembers which modules of the model are training.
 *
 * @returns what puts every one of them back.
 */
export function rememberMode(model: ModuleLike): () => void {
  const { namedModules } = model as { namedModules?: () => Iterable<readonly [string, Moded]> };
  if (namedModules) {
    const modes = [...namedModules.call(model)].map(
      ([, module]) => [module, module.training] as const,
    );
    return () => {
      for (const [module, training] of modes) module.training = training;
    };
  }
  const { training } = model;
  return () => void (training ? model.train() : model.eval());
}
