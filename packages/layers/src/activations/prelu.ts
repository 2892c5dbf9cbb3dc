import { type Parameter, prelu, type Rng, type Tensor } from '@stratajs/core';
import { constant } from '../init/constants.js';
import { initialParameter } from '../init/initial-parameter.js';
import type { Initializer } from '../init/initializer.js';
import { checkCount, checkFeatures, checkOptions } from '../layer-arguments.js';
import { Module } from '../module.js';

export interface PReLUOptions {
  /** Default: 0.25 everywhere. */
  readonly init?: Initializer;
  /** Of an `init` that draws. Default: the default generator. */
  readonly rng?: Rng;
}

/**
 * x where x > 0, else a·x, with slopes a that are learnt: one (channels = 1, the default), or one for each
 * value of the last axis.
 *
 * Shapes: x [..., channels] → the same; `weight` [channels].
 *
 * @throws ConfigError when channels is no positive whole number, or for an unknown option.
 * @throws ShapeError when the last axis of x is not channels (unless that is 1).
 *
 * Paper: He et al., "Delving deep into rectifiers", ICCV 2015.
 */
export class PReLU extends Module {
  readonly channels: number;
  readonly weight: Parameter;

  constructor(channels: number = 1, options: PReLUOptions = {}) {
    super();
    checkCount('PReLU', 'channels', channels);
    checkOptions('PReLU', options, ['init', 'rng']);
    const { init = constant(0.25), rng } = options;
    this.channels = channels;
    this.weight = initialParameter(
      init,
      [channels],
      { rng },
      { layout: 'vector', externalName: 'weight' },
    );
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'PReLU', this.channels === 1 ? undefined : this.channels);
    return prelu(x, this.weight.value);
  }
}
