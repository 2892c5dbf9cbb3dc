import { ConfigError, describeValue, identity, type Tensor } from '@stratajs/core';
import { Module } from './module.js';
import { isModule } from './module-walk.js';

/** A module that maps one tensor to one tensor. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/**
 * Layers one after another: y = fₙ(…f₂(f₁(x))); x itself when there are none.
 *
 *     const model = new Sequential(new Flatten(), new Linear(784, 10));
 *     model.layers[1].weight;      // typed as Linear; its path is '1.weight'
 *     model[1];                    // the same layer
 *
 * @throws ConfigError when something else than a module is given.
 */
export class Sequential<const Layers extends readonly Layer[] = readonly Layer[]> extends Module {
  readonly [index: number]: Layer;

  constructor(...layers: Layers) {
    super();
    layers.forEach((layer, i) => {
      if (!isModule(layer)) {
        throw new ConfigError(
          `Sequential takes modules. Received: ${describeValue(layer)} at position ${i}. ` +
            (typeof layer === 'function'
              ? 'Make one with `new`, or wrap a function in a class that extends Module.'
              : ''),
        );
      }
    });
    // As fields '0', '1', …: what gives their parameters the paths '0.weight', …
    Object.assign(this, layers);
  }

  /** The layers in order, each with its own type. */
  get layers(): Layers {
    return [...this] as unknown as Layers;
  }

  get length(): number {
    let n = 0;
    while (n in this) n++;
    return n;
  }

  *[Symbol.iterator](): IterableIterator<Layer> {
    for (let i = 0; i in this; i++) yield this[i]!;
  }

  forward(x: Tensor): Tensor {
    if (!(0 in this)) return identity(x);
    let y = x;
    for (const layer of this) y = layer.forward(y);
    return y;
  }
}
