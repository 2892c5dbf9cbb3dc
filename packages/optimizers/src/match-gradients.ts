import {
  ConfigError,
  describeValue,
  isTensor,
  type NamedGradients,
  nearest,
  type Parameter,
  ShapeError,
  type Tensor,
} from '@stratajs/core';

/** The parameters to move, and for each, at the same index, its name and gradient. */
export interface Matched {
  readonly names: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly gradients: readonly Tensor[];
}

/** Finds the gradient of every parameter that is not frozen, and names every fault at once. */
export function matchGradients(
  optimizer: string,
  named: ReadonlyMap<string, Parameter>,
  grads: NamedGradients,
): Matched {
  if (typeof grads !== 'object' || grads === null || isTensor(grads) || Array.isArray(grads)) {
    throw new ConfigError(
      `${optimizer}.step() takes gradients by parameter name, as valueAndGrad(fn, model) gives them. ` +
        `Received: ${describeValue(grads)}.`,
    );
  }
  const moved = [...named].filter(([, p]) => p.trainable);
  const missing = moved.filter(([name]) => !Object.hasOwn(grads, name)).map(([name]) => name);
  const unexpected = Object.keys(grads).filter((name) => !named.has(name));
  const misshaped = moved.filter(
    ([name, p]) => Object.hasOwn(grads, name) && !fits(grads[name], p),
  );
  if (missing.length + unexpected.length + misshaped.length > 0) {
    const faults = [
      ...missing.map((name) => `missing '${name}'`),
      ...unexpected.map((name) => `unexpected '${name}'.${suggestion(name, [...named.keys()])}`),
      ...misshaped.map(
        ([name, p]) =>
          `mis-shaped '${name}': expected float32 [${p.shape.join(', ')}], received ${describeValue(grads[name])}`,
      ),
    ];
    const message =
      `${optimizer}.step() takes one gradient for each parameter that is not frozen. ` +
      `Received:\n  ${faults.join('\n  ')}\nNothing was changed. ` +
      'Take the gradients of the model that the optimizer was made with, by valueAndGrad(fn, model).';
    throw missing.length + unexpected.length > 0
      ? new ConfigError(message)
      : new ShapeError(message);
  }
  return {
    names: moved.map(([name]) => name),
    parameters: moved.map(([, p]) => p),
    gradients: moved.map(([name]) => grads[name]!),
  };
}

function fits(gradient: unknown, parameter: Parameter): boolean {
  return (
    isTensor(gradient) &&
    !gradient.isDisposed &&
    gradient.dtype === 'float32' &&
    gradient.shape.length === parameter.shape.length &&
    gradient.shape.every((d, i) => d === parameter.shape[i])
  );
}

/** '' when no known name is near: a list of all parameters would be long. */
function suggestion(name: string, known: readonly string[]): string {
  const hint = nearest(name, known);
  return hint.startsWith(' Did') ? hint : '';
}
