import { add, type Tensor } from '@stratajs/core';
import { Dropout, LayerNorm, Linear, Module } from '@stratajs/layers';
import type { AttentionMasks } from './attention-arguments.js';
import { MultiHeadAttention } from './multi-head-attention.js';
import { resolved, type TransformerLayerOptions } from './transformer-options.js';

/**
 * Self-attention, then a network of two linear layers at each place, both with a residual connection:
 *
 *     x ← norm₁(x + dropout(attention(x))),   y = norm₂(x + dropout(W₂·dropout(f(W₁·x + b₁)) + b₂))
 *
 * or, with `normFirst`, x ← x + dropout(attention(norm₁(x))) and so on. As `torch.nn.TransformerEncoderLayer` with
 * `batch_first=True`; its parameters have PyTorch's paths in camel case (`self_attn.in_proj_weight` is
 * `selfAttn.inProjWeight`).
 *
 * Shapes: x [N, L, features] → the same. Masks as MultiHeadAttention takes them.
 *
 * @throws ConfigError for sizes that are no positive whole numbers, heads that do not divide the features, a rate outside
 * [0, 1), another activation, unknown options.
 * @throws ShapeError for inputs of other shapes.
 *
 * Paper: Vaswani et al., "Attention is all you need", 2017; `normFirst`: Xiong et al., "On layer normalization in the
 * Transformer architecture", 2020. Differs from the paper: weights of attention and features between the linear layers are
 * dropped, too, as in PyTorch.
 */
export class TransformerEncoderLayer extends Module {
  readonly features: number;
  readonly normFirst: boolean;
  readonly selfAttn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(features: number, numHeads: number, options: TransformerLayerOptions = {}) {
    super();
    const { feedForwardFeatures, dropout, activation, normFirst, norm, from } = resolved(
      'TransformerEncoderLayer',
      features,
      options,
    );
    this.features = features;
    this.normFirst = normFirst;
    this.activation = activation;
    this.selfAttn = new MultiHeadAttention(features, numHeads, { ...from, dropout });
    this.linear1 = new Linear(features, feedForwardFeatures, from);
    this.dropout = new Dropout(dropout, from);
    this.linear2 = new Linear(feedForwardFeatures, features, from);
    this.norm1 = new LayerNorm(features, norm);
    this.norm2 = new LayerNorm(features, norm);
    this.dropout1 = new Dropout(dropout, from);
    this.dropout2 = new Dropout(dropout, from);
  }

  forward(x: Tensor, masks: AttentionMasks = {}): Tensor {
    const attend = (t: Tensor): Tensor =>
      this.dropout1.forward(this.selfAttn.forward(t, t, t, masks));
    if (this.normFirst) {
      const attended = add(x, attend(this.norm1.forward(x)));
      return add(attended, this.feedForward(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(add(x, attend(x)));
    return this.norm2.forward(add(attended, this.feedForward(attended)));
  }

  private feedForward(x: Tensor): Tensor {
    const between = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(between));
  }
}
