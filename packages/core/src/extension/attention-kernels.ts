/**
 * Attention and its gradient, as kernels of their own so that an engine need not hold the weights:
 *
 *     y = P·v,   P = softmax(scale·q·kᵀ + mask) row by row,   logSumExp the logarithm of what the softmax divides by
 *
 *     ∂v = Pᵀ·dy,   dS = P∘(dy·vᵀ − Σ dy∘y),   ∂q = scale·dS·k,   ∂k = scale·dSᵀ·q,   ∂mask = dS summed as it was broadcast
 *
 * y and logSumExp are functions of the other inputs to the gradient kernel: they only spare it work. A mask or lengths of
 * no elements stand for none, since what a gradient keeps must be there.
 */
import { zerosLike } from '../create.js';
import { type Attributes, runMany } from '../engine.js';
import { mul, sub } from '../ops/binary.js';
import { unbroadcast } from '../ops/gradients/kernel-gradient.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { reshape } from '../ops/shape.js';
import type { Tensor } from '../tensor.js';
import { type AttentionAttributes, weigh } from './attention-scores.js';
import type { ExtensionKernel } from './kernel.js';
import { pulledBack } from './pulled-back.js';

export const ATTENTION = 'StrataAttention';
const GRADIENT = 'StrataAttentionGrad';

type Five = [q: Tensor, k: Tensor, v: Tensor, mask: Tensor, lengths: Tensor];

export const attentionKernel: ExtensionKernel = {
  name: ATTENTION,
  composite: ({ q, k, v, mask, lengths }, attrs) => {
    const { weights, logSumExp } = weighed(q!, k!, mask!, lengths!, attrs);
    return [matmul(weights, v!), reshape(logSumExp, q!.shape.slice(0, -1))];
  },
  gradient: {
    saved: ['q', 'k', 'v', 'mask', 'lengths'],
    savedOutputs: [true, true],
    of: ([dy], saved, attrs) => {
      const [q, k, v, mask, lengths, y, logSumExp] = saved as [...Five, Tensor, Tensor];
      const inputs = { q, k, v, mask, lengths, y, logSumExp, dy };
      const [dq, dk, dv] = runMany(GRADIENT, inputs, attrs) as [Tensor, Tensor, Tensor];
      return {
        q: () => dq,
        k: () => dk,
        v: () => dv,
        mask: () => {
          const { dScores } = scoreGradients(q, k, v, mask, lengths, dy!, attrs);
          return unbroadcast(dScores, mask.shape);
        },
      };
    },
  },
};

export const attentionGradKernel: ExtensionKernel = {
  name: GRADIENT,
  composite: ({ q, k, v, mask, lengths, dy }, attrs) =>
    gradients(q!, k!, v!, mask!, lengths!, dy!, attrs),
  gradient: {
    saved: ['q', 'k', 'v', 'mask', 'lengths', 'y', 'logSumExp', 'dy'],
    of: (cotangents, saved, attrs) => {
      const [q, k, v, mask, lengths, y, logSumExp, dy] = saved as [...Five, Tensor, Tensor, Tensor];
      const anew = (): Tensor[] => gradients(q, k, v, mask, lengths, dy, attrs);
      const wanted = mask.dtype === 'float32' ? [q, k, v, dy, mask] : [q, k, v, dy];
      const [ofQ, ofK, ofV, ofDy, ofMask] = pulledBack(anew, wanted, cotangents);
      return {
        q: () => ofQ!,
        k: () => ofK!,
        v: () => ofV!,
        mask: () => ofMask!,
        y: () => zerosLike(y),
        logSumExp: () => zerosLike(logSumExp),
        dy: () => ofDy!,
      };
    },
  },
};

/** ∂q, ∂k and ∂v. */
function gradients(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor,
  lengths: Tensor,
  dy: Tensor,
  attrs: Attributes,
): Tensor[] {
  const { weights, dScores } = scoreGradients(q, k, v, mask, lengths, dy, attrs);
  const scaled = mul(dScores, (attrs as unknown as AttentionAttributes).scale);
  return [
    matmul(scaled, k),
    matmul(scaled, q, { transposeA: true }),
    matmul(weights, dy, { transposeA: true }),
  ];
}

/** P and dS. */
function scoreGradients(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor,
  lengths: Tensor,
  dy: Tensor,
  attrs: Attributes,
): { weights: Tensor; dScores: Tensor } {
  const { weights } = weighed(q, k, mask, lengths, attrs);
  const dWeights = matmul(dy, v, { transposeB: true });
  const mean = sum(mul(weights, dWeights), { axis: -1, keepDims: true });
  return { weights, dScores: mul(weights, sub(dWeights, mean)) };
}

function weighed(
  q: Tensor,
  k: Tensor,
  mask: Tensor,
  lengths: Tensor,
  attrs: Attributes,
): ReturnType<typeof weigh> {
  const given = (t: Tensor): Tensor | undefined => (t.size > 0 ? t : undefined);
  return weigh(q, k, given(mask), given(lengths), attrs as unknown as AttentionAttributes);
}
