import { add, type Tensor } from '@stratajs/core';
import { Dropout, LayerNorm, Linear, Module } from '@stratajs/layers';
import { type AttentionMasks, checkOptions } from './attention-arguments.js';
import { MultiHeadAttention } from './multi-head-attention.js';
import { resolved, type TransformerLayerOptions } from './transformer-options.js';

/** Masks of the attention to the target itself and of that to the memory. */
export interface TransformerDecoderMasks {
  readonly target?: AttentionMasks;
  readonly memory?: AttentionMasks;
}

/**
 * Self-attention of the target, attention to the memory (what an encoder made of the source), then a network of two linear
 * layers at each place, all with a residual connection:
 *
 *     x ← norm₁(x + dropout(attention(x))),   x ← norm₂(x + dropout(attention(x, memory))),
 *     y = norm₃(x + dropout(W₂·dropout(f(W₁·x + b₁)) + b₂))
 *
 * or, with `normFirst`, x ← x + dropout(attention(norm₁(x))) and so on. As `torch.nn.TransformerDecoderLayer` with
 * `batch_first=True`; its parameters have PyTorch's paths in camel case (`multihead_attn.out_proj.bias` is
 * `multiheadAttn.outProj.bias`). Nothing is masked by itself: a decoder that must not look ahead wants
 * `{ target: { causal: true } }`.
 *
 * Shapes: x [N, L, features], memory [N, S, features] → [N, L, features]. Masks as MultiHeadAttention takes them.
 *
 * @throws ConfigError for sizes that are no positive whole numbers, heads that do not divide the features, a rate outside
 * [0, 1), another activation, unknown options.
 * @throws ShapeError for inputs of other shapes.
 *
 * Paper: Vaswani et al., "Attention is all you need", 2017; `normFirst`: Xiong et al., "On layer normalization in the
 * Transformer architecture", 2020. Differs from the paper: weights of attention and features between the linear layers are
 * dropped, too, as in PyTorch.
 */
export class TransformerDecoderLayer extends Module {
  readonly features: number;
  readonly normFirst: boolean;
  readonly selfAttn: MultiHeadAttention;
  readonly multiheadAttn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  private readonly activation: (x: Tensor) => Tensor;

  constructor(features: number, numHeads: number, options: TransformerLayerOptions = {}) {
    super();
    const { feedForwardFeatures, dropout, activation, normFirst, norm, from } = resolved(
      'TransformerDecoderLayer',
      features,
      options,
    );
    this.features = features;
    this.normFirst = normFirst;
    this.activation = activation;
    this.selfAttn = new MultiHeadAttention(features, numHeads, { ...from, dropout });
    this.multiheadAttn = new MultiHeadAttention(features, numHeads, { ...from, dropout });
    this.linear1 = new Linear(features, feedForwardFeatures, from);
    this.dropout = new Dropout(dropout, from);
    this.linear2 = new Linear(feedForwardFeatures, features, from);
    this.norm1 = new LayerNorm(features, norm);
    this.norm2 = new LayerNorm(features, norm);
    this.norm3 = new LayerNorm(features, norm);
    this.dropout1 = new Dropout(dropout, from);
    this.dropout2 = new Dropout(dropout, from);
    this.dropout3 = new Dropout(dropout, from);
  }

  forward(x: Tensor, memory: Tensor, masks: TransformerDecoderMasks = {}): Tensor {
    checkOptions('TransformerDecoderLayer.forward()', masks, ['target', 'memory']);
    const attend = (t: Tensor): Tensor =>
      this.dropout1.forward(this.selfAttn.forward(t, t, t, masks.target));
    const attendMemory = (t: Tensor): Tensor =>
      this.dropout2.forward(this.multiheadAttn.forward(t, memory, memory, masks.memory));
    if (this.normFirst) {
      const own = add(x, attend(this.norm1.forward(x)));
      const both = add(own, attendMemory(this.norm2.forward(own)));
      return add(both, this.feedForward(this.norm3.forward(both)));
    }
    const own = this.norm1.forward(add(x, attend(x)));
    const both = this.norm2.forward(add(own, attendMemory(own)));
    return this.norm3.forward(add(both, this.feedForward(both)));
  }

  private feedForward(x: Tensor): Tensor {
    const between = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(between));
  }
}
