import type { Tensor } from '../tensor.js';
import { recording } from '../compile/recording.js';
import { State } from './state.js';

/** How the axes of a parameter are laid out, for loading files that lay them out otherwise. */
export type ParameterLayout =
  | 'vector' // [features]
  | 'linear' // [out, in]
  | 'conv1d' // [kernel, in / groups, out]
  | 'conv2d' // HWIO: [height, width, in / groups, out]
  | 'conv3d' // DHWIO
  | 'depthwise2d' // [height, width, channels, multiplier]
  | 'conv-transpose2d' // [height, width, out, in]
  | 'embedding' // [entries, features]
  | 'any';

export interface ParameterOptions {
  /** The name in its module; a module sets it when it is walked. Default ''. */
  readonly name?: string;
  /** Default 'any'. */
  readonly layout?: ParameterLayout;
  /** The name that torch.nn or torchvision gives it; default its own name. */
  readonly externalName?: string;
  /** Default true. */
  readonly trainable?: boolean;
}

/** A trainable State: what gradients are taken of and optimizers move. */
export class Parameter extends State {
  name: string;
  readonly layout: ParameterLayout;
  readonly externalName: string | null;
  private isTrainable: boolean;

  constructor(initial: Tensor, options: ParameterOptions = {}) {
    super(initial);
    this.name = options.name ?? '';
    this.layout = options.layout ?? 'any';
    this.externalName = options.externalName ?? null;
    this.isTrainable = options.trainable ?? true;
  }

  /** Whether gradients and updates reach it. Freezing is `trainable = false`. */
  get trainable(): boolean {
    recording()?.guard(this, `trainable of the parameter '${this.name}'`, () => this.isTrainable);
    return this.isTrainable;
  }

  set trainable(value: boolean) {
    this.isTrainable = value;
  }
}
