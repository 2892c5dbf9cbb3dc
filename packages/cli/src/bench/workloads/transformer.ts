/** The encoder layer of the Transformer, forward and with all gradients. */
import { mul, Parameter, Rng, sum, type Tensor, valueAndGrad } from '@stratajs/core';
import { Module } from '@stratajs/layers';
import { TransformerEncoderLayer } from '@stratajs/sequence';
import { inModes, type Workload } from './workload.js';

const [BATCH, STEPS, FEATURES, HEADS, BETWEEN] = [16, 64, 128, 4, 512];

/** The layer and its input, so that gradients are taken of both. */
class WithInput extends Module {
  readonly x: Parameter;
  readonly layer: TransformerEncoderLayer;

  constructor(x: Tensor, layer: TransformerEncoderLayer) {
    super();
    this.x = new Parameter(x);
    this.layer = layer;
  }

  forward(): Tensor {
    return this.layer.forward(this.x.value);
  }
}

const places = BATCH * STEPS;
const weights = 4 * FEATURES * FEATURES + 2 * FEATURES * BETWEEN;

export const transformers: readonly Workload[] = inModes(
  {
    name: 'transformer-layer',
    title:
      'Transformer encoder layer d=128, 4 heads, ff 512, batch 16, 64 steps, forward and gradients',
    // Forward, gradients of inputs and of weights; of attention two products forward and four backward.
    flops: 3 * 2 * places * weights + 6 * 2 * places * STEPS * FEATURES,
    // x, its gradient, y and dy; each weight and its gradient.
    bytes: 4 * (4 * places * FEATURES + 2 * weights),
    step() {
      const rng = new Rng(1);
      const options = { feedForwardFeatures: BETWEEN, dropout: 0, rng };
      const layer = new TransformerEncoderLayer(FEATURES, HEADS, options);
      const model = new WithInput(rng.normal([BATCH, STEPS, FEATURES]), layer);
      const dy = rng.normal([BATCH, STEPS, FEATURES]);
      const gradients = valueAndGrad(() => sum(mul(model.forward(), dy)), model);
      return () => {
        const { value, grads } = gradients();
        return [value, ...Object.values(grads)];
      };
    },
  },
  { bar: 0.8 },
);
