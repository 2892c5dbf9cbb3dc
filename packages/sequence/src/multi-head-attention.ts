import {
  attentionWeights,
  ConfigError,
  linear,
  matmul,
  Parameter,
  reshape,
  type Rng,
  scaledDotProductAttention,
  type Shape,
  split,
  type Tensor,
  tidy,
  transpose,
  unstack,
} from '@stratajs/core';
import { Dropout, init, type Initializer, Linear, Module } from '@stratajs/layers';
import {
  type AttentionMasks,
  checkCount,
  checkOptions,
  checkSequence,
} from './attention-arguments.js';

export interface MultiHeadAttentionOptions {
  /** Probability with which a weight is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Whether the projections have biases. Default true. */
  readonly bias?: boolean;
  /** Features of the keys (PyTorch's `kdim`). Default: those of the queries. */
  readonly keyFeatures?: number;
  /** Features of the values (PyTorch's `vdim`). Default: those of the queries. */
  readonly valueFeatures?: number;
  /** Of the initial values and of dropout. Default: the default generator. */
  readonly rng?: Rng;
}

/**
 * Attention of several heads, each on a projection of its own:
 *
 *     y = [head₁, …, head_h]·W_oᵀ + b_o,   headᵢ = softmax(qᵢ·kᵢᵀ/√d + mask)·vᵢ,   d = features / numHeads
 *
 * with qᵢ, kᵢ and vᵢ the i-th parts of the projections of query, key and value. As `torch.nn.MultiheadAttention` with
 * `batch_first=True`, but that a bool `mask` says where a query may look, not where it may not, that a query which may look
 * nowhere gives b_o, not NaN, and that weights are not returned (core's `attentionWeights` computes them). Masks broadcast to
 * the scores [N, numHeads, L, S]; one of keys is `lengths`, or [N, 1, 1, S].
 *
 * Shapes: query [N, L, features], key [N, S, keyFeatures], value [N, S, valueFeatures] → [N, L, features].
 * `inProjWeight` [3·features, features] is those of query, key and value one below the other; where keyFeatures or
 * valueFeatures differ it is null, and `qProjWeight`, `kProjWeight`, `vProjWeight` hold them. `inProjBias` [3·features].
 *
 * Where weights are dropped, they take memory for all N·numHeads·L·S.
 *
 * @throws ConfigError for numbers that are no positive whole ones, heads that do not divide the features, unknown options.
 * @throws ShapeError for inputs of other shapes.
 *
 * Paper: Vaswani et al., "Attention is all you need", 2017.
 */
export class MultiHeadAttention extends Module {
  readonly features: number;
  readonly numHeads: number;
  readonly keyFeatures: number;
  readonly valueFeatures: number;
  readonly inProjWeight: Parameter | null;
  readonly qProjWeight: Parameter | null;
  readonly kProjWeight: Parameter | null;
  readonly vProjWeight: Parameter | null;
  readonly inProjBias: Parameter | null;
  readonly outProj: Linear;
  readonly dropout: Dropout | null;

  constructor(features: number, numHeads: number, options: MultiHeadAttentionOptions = {}) {
    super();
    const layer = 'MultiHeadAttention';
    checkOptions(layer, options, ['dropout', 'bias', 'keyFeatures', 'valueFeatures', 'rng']);
    const { dropout = 0, bias = true, rng } = options;
    const { keyFeatures = features, valueFeatures = features } = options;
    checkCount(layer, 'features', features);
    checkCount(layer, 'numHeads', numHeads);
    checkCount(layer, 'keyFeatures', keyFeatures);
    checkCount(layer, 'valueFeatures', valueFeatures);
    if (features % numHeads !== 0) {
      throw new ConfigError(
        `The heads of ${layer} share its features evenly. Received: ${features} features, ${numHeads} heads. ` +
          'Choose a number of heads that divides them.',
      );
    }
    this.features = features;
    this.numHeads = numHeads;
    this.keyFeatures = keyFeatures;
    this.valueFeatures = valueFeatures;
    const together = keyFeatures === features && valueFeatures === features;
    const weight = (out: number, inputs: number, externalName: string): Parameter =>
      parameter(init.xavierUniform, [out, inputs], externalName, rng);
    this.inProjWeight = together ? weight(3 * features, features, 'in_proj_weight') : null;
    this.qProjWeight = together ? null : weight(features, features, 'q_proj_weight');
    this.kProjWeight = together ? null : weight(features, keyFeatures, 'k_proj_weight');
    this.vProjWeight = together ? null : weight(features, valueFeatures, 'v_proj_weight');
    this.inProjBias = bias ? parameter(init.zeros, [3 * features], 'in_proj_bias', rng) : null;
    const from = rng === undefined ? {} : { rng };
    this.outProj = new Linear(features, features, { ...from, bias, biasInit: init.zeros });
    this.dropout = dropout === 0 ? null : new Dropout(dropout, from);
  }

  forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    masks: AttentionMasks = {},
  ): Tensor {
    const layer = 'MultiHeadAttention';
    checkSequence(layer, 'query', query, this.features);
    const [batch, rows] = query.shape as [number, number, number];
    checkSequence(layer, 'key', key, this.keyFeatures, batch);
    checkSequence(layer, 'value', value, this.valueFeatures, batch);
    checkOptions(`${layer}.forward()`, masks, ['mask', 'causal', 'lengths']);
    const [q, k, v] = this.project(query, key, value);
    const heads =
      this.training && this.dropout !== null
        ? matmul(this.dropout.forward(attentionWeights(q, k, masks)), v)
        : scaledDotProductAttention(q, k, v, masks);
    // [N, heads, L, d] → [N, L, features]
    return this.outProj.forward(
      reshape(transpose(heads, [0, 2, 1, 3]), [batch, rows, this.features]),
    );
  }

  /** Projections of query, key and value, [N, heads, time, d] each. */
  private project(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
    const bias = this.inProjBias?.value;
    const size = this.features / this.numHeads;
    if (this.inProjWeight !== null && query === key && key === value) {
      const [batch, time] = query.shape as [number, number, number];
      const all = reshape(linear(query, this.inProjWeight.value, bias), [
        batch,
        time,
        3,
        this.numHeads,
        size,
      ]);
      return unstack(transpose(all, [2, 0, 3, 1, 4])) as [Tensor, Tensor, Tensor];
    }
    const weights =
      this.inProjWeight === null
        ? [this.qProjWeight!.value, this.kProjWeight!.value, this.vProjWeight!.value]
        : split(this.inProjWeight.value, 3);
    const biases = bias === undefined ? [] : split(bias, 3);
    const [q, k, v] = [query, key, value].map((x, i) => {
      const [batch, time] = x.shape as [number, number, number];
      const y = linear(x, weights[i]!, biases[i]);
      return transpose(reshape(y, [batch, time, this.numHeads, size]), [0, 2, 1, 3]);
    });
    return [q!, k!, v!];
  }
}

function parameter(
  initializer: Initializer,
  shape: Shape,
  externalName: string,
  rng: Rng | undefined,
): Parameter {
  const layout = shape.length === 1 ? 'vector' : 'linear';
  return tidy(() => new Parameter(initializer(shape, { rng }), { layout, externalName }));
}
