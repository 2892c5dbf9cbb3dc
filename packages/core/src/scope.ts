import type { Engine } from './engine.js';
import type { Tensor } from './tensor.js';

/** What the engine notes on a tensor about who frees it. */
export interface Owned extends Tensor {
  readonly kept: boolean;
  readonly scopeId: number;
}

/**
 * Ends the scope that `startScope()` began: frees what was made in it but `results`, which the scope around it
 * owns from then on. As tfjs's endScope(), which looks for tensors in a result of any kind.
 */
export function endScope(e: Engine, results: readonly Tensor[]): void {
  // Someone watches scopes (see leak-watch.ts), or tensors leave the last one.
  if (Object.hasOwn(e, 'endScope')) {
    e.endScope(results);
    return;
  }
  const { state } = e;
  const scope = state.scopeStack.at(-1)!;
  for (const t of scope.track) if (!(t as Owned).kept && !results.includes(t)) t.dispose();
  state.scopeStack.pop();
  state.activeScope = state.scopeStack.at(-1) ?? null;
  for (const t of results) {
    if (!(t as Owned).kept && (t as Owned).scopeId === scope.id) e.track(t);
  }
}
