import {
  add,
  addN,
  assertTensor,
  clip,
  ConfigError,
  describeValue,
  div,
  minimum,
  mul,
  type NamedGradients,
  sqrt,
  square,
  sum,
  tidy,
} from '@stratajs/core';

/**
 * Scales all gradients by one factor, so that their norm together is at most `maxNorm`:
 * g ← g · min(1, maxNorm / ‖g‖), ‖g‖ over all elements of all gradients. Nothing is read to the host.
 *
 * Returns new tensors; the given ones stay the caller's. One that is not finite makes others so: let
 * `firstNonFinite()` look at the gradients before.
 *
 * @throws ConfigError unless maxNorm > 0.
 *
 * Paper: Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013.
 */
export function clipByGlobalNorm(grads: NamedGradients, maxNorm: number): NamedGradients {
  checkGradients('clipByGlobalNorm', grads);
  if (!(typeof maxNorm === 'number' && maxNorm > 0 && maxNorm < Infinity)) {
    throw new ConfigError(
      `The maxNorm of clipByGlobalNorm() is a positive number. Received: ${describeValue(maxNorm)}.`,
    );
  }
  const list = Object.values(grads);
  if (list.length === 0) return {};
  return tidy(() => {
    const norm = sqrt(addN(list.map((g) => sum(square(g)))));
    // 1e-6 as in torch.nn.utils.clip_grad_norm_: gradients that are all 0 stay 0.
    const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1);
    return map(grads, (g) => mul(g, factor));
  });
}

/**
 * Cuts every element of every gradient to [min, max].
 *
 * Returns new tensors; the given ones stay the caller's.
 *
 * @throws ConfigError unless min ≤ max.
 */
export function clipByValue(grads: NamedGradients, min: number, max: number): NamedGradients {
  checkGradients('clipByValue', grads);
  if (!(typeof min === 'number' && typeof max === 'number' && min <= max)) {
    throw new ConfigError(
      `clipByValue() takes a least and a greatest value, min ≤ max. Received: min=${describeValue(min)}, max=${describeValue(max)}.`,
    );
  }
  return tidy(() => map(grads, (g) => clip(g, min, max)));
}

function map(
  grads: NamedGradients,
  f: (g: NamedGradients[string]) => NamedGradients[string],
): NamedGradients {
  return Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, f(g)]));
}

function checkGradients(call: string, grads: NamedGradients): void {
  if (typeof grads !== 'object' || grads === null) {
    throw new ConfigError(`${call}() takes gradients by name. Received: ${describeValue(grads)}.`);
  }
  for (const [name, g] of Object.entries(grads))
    assertTensor(g, `The gradient '${name}' of ${call}()`);
}
