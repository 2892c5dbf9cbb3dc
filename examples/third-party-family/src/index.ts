/** A model family as a stranger would write it: `register(acmeTabular)`, then `createModel('acme-residual')`. */
import {
  add,
  type ModelFamily,
  type ModelOptions,
  PLUGIN_SPEC,
  type Rng,
  type Tensor,
} from '@stratajs/core';
import { Dropout, Linear, Module, ReLU } from '@stratajs/layers';

/** Logistic regression: one linear map to the classes' scores. */
export class Logistic extends Module {
  readonly head: Linear;

  constructor(features: number, numClasses: number, rng: Rng) {
    super();
    this.head = new Linear(features, numClasses, { rng });
  }

  /** [N, features] → [N, numClasses] */
  override forward(x: Tensor): Tensor {
    return this.head.forward(x);
  }
}

/** A residual network over tabular features: x + W₂·relu(W₁·x) in every block. */
export class ResidualTable extends Module {
  readonly stem: Linear;
  readonly blocks: { widen: Linear; narrow: Linear }[];
  readonly relu: ReLU = new ReLU();
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(options: ModelOptions, rng: Rng) {
    super();
    const { features, width, depth, numClasses, dropout } = options as Record<string, number>;
    this.stem = new Linear(features!, width!, { rng });
    this.blocks = Array.from({ length: depth! }, () => ({
      widen: new Linear(width!, 2 * width!, { rng }),
      narrow: new Linear(2 * width!, width!, { rng }),
    }));
    this.dropout = new Dropout(dropout!, { rng });
    this.head = new Linear(width!, numClasses!, { rng });
  }

  /** [N, features] → [N, numClasses] */
  override forward(x: Tensor): Tensor {
    let h = this.stem.forward(x);
    for (const { widen, narrow } of this.blocks) {
      h = add(h, narrow.forward(this.dropout.forward(this.relu.forward(widen.forward(h)))));
    }
    return this.head.forward(this.relu.forward(h));
  }
}

const features = { shape: (options: ModelOptions) => [2, options['features'] as number] };

export const acmeTabular: ModelFamily = {
  spec: PLUGIN_SPEC,
  kind: 'models',
  name: 'acme-tabular',
  models: {
    'acme-logistic': {
      task: 'classification',
      paper: 'Cox, "The regression analysis of binary sequences", 1958',
      options: { features: 4, numClasses: 3 },
      create: (options, rng) =>
        new Logistic(options['features'] as number, options['numClasses'] as number, rng),
      exampleInput: (options) => ({ shape: features.shape(options), dtype: 'float32' }),
      parameterCount: 4 * 3 + 3,
    },
    'acme-residual': {
      task: 'classification',
      paper: 'Gorishniy et al., "Revisiting deep learning models for tabular data", 2021',
      options: { features: 4, width: 16, depth: 2, numClasses: 3, dropout: 0.1 },
      create: (options, rng) => new ResidualTable(options, rng),
      exampleInput: (options) => ({ shape: features.shape(options), dtype: 'float32' }),
      parameterCount: 4 * 16 + 16 + 2 * (16 * 32 + 32 + 32 * 16 + 16) + 16 * 3 + 3,
    },
  },
};
