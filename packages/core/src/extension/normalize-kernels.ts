/**
 * Normalization by the statistics of the data itself, what batch, layer and group norm have in common:
 *
 *     y = γ·x̂ + β,   x̂ = (x − μ)/σ,   σ = √(v + ε)
 *
 * x is seen as [batch, positions, groups, channels]. Mean μ and biased variance v belong to each group of
 * each batch, and are taken over its positions and channels; γ and β belong to groups × channels.
 *
 * The gradient kernel takes the cotangents of all three results, so that gradients of gradients may pass
 * through the statistics that it is given: with M values behind a mean, and ⟨·⟩ the mean over a group,
 *
 *     ∂x = (γ·dy − ⟨γ·dy⟩)/σ − (x − μ)·⟨γ·dy·(x − μ)⟩/σ³ + dμ/M + 2·dv·(x − μ)/M
 *     ∂γ = Σ dy·x̂,   ∂β = Σ dy
 */
import { zerosLike } from '../create.js';
import { type Attributes, runMany } from '../engine.js';
import { add, div, mul, sub } from '../ops/binary.js';
import { mean as meanOf, sum } from '../ops/reduce.js';
import { reshape } from '../ops/shape.js';
import { rsqrt, square } from '../ops/unary.js';
import type { Tensor } from '../tensor.js';
import type { ExtensionKernel } from './kernel.js';
import { pulledBack } from './pulled-back.js';

export const NORMALIZE = 'StrataNormalize';
const GRADIENT = 'StrataNormalizeGrad';

/** How a normalization sees its tensor; their product is its size. */
export interface NormalizeView {
  readonly batch: number;
  readonly positions: number;
  readonly groups: number;
  readonly channels: number;
}

type NormalizeAttributes = NormalizeView & { readonly epsilon: number };

/** The axes of a view that statistics are taken over: positions and channels. */
const WITHIN = { axis: [1, 3], keepDims: true };

export const normalizeKernel: ExtensionKernel = {
  name: NORMALIZE,
  composite: ({ x, gamma, beta }, attrs) => {
    const { batch, positions, groups, channels, epsilon } = attrs as unknown as NormalizeAttributes;
    const viewed = reshape(x!, [batch, positions, groups, channels]);
    const { centred, mean } = centre(viewed, meanOf(viewed, WITHIN));
    const variance = meanOf(square(centred), WITHIN);
    const xHat = mul(centred, rsqrt(add(variance, epsilon)));
    const perColumn = (t: Tensor): Tensor => reshape(t, [1, 1, groups, channels]);
    return [
      reshape(add(mul(xHat, perColumn(gamma!)), perColumn(beta!)), x!.shape),
      reshape(mean, [batch * groups]),
      reshape(variance, [batch * groups]),
    ];
  },
  gradient: {
    saved: ['x', 'gamma'],
    savedOutputs: [false, true, true],
    of: (dys, saved, attrs) => {
      const [dy, dMean, dVariance] = dys;
      const [x, gamma, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
      const inputs = { x, gamma, mean, variance, dy, dMean, dVariance };
      const [dx, dGamma, dBeta] = runMany(GRADIENT, inputs, attrs) as [Tensor, Tensor, Tensor];
      return { x: () => dx, gamma: () => dGamma, beta: () => dBeta };
    },
  },
};

export const normalizeGradKernel: ExtensionKernel = {
  name: GRADIENT,
  composite: ({ x, gamma, mean, variance, dy, dMean, dVariance }, attrs) =>
    gradients(mean!, attrs)(x!, gamma!, variance!, dy!, dMean!, dVariance!),
  // μ is a function of x to it: the mean that is given only makes x − μ exact. The variance is an input like others,
  // whose gradient goes on to the kernel that it came from.
  gradient: {
    saved: ['mean', 'x', 'gamma', 'variance', 'dy', 'dMean', 'dVariance'],
    of: (cotangents, [mean, ...xs], attrs) => {
      const anew = (): Tensor[] => gradients(mean!, attrs)(...(xs as GradientInputs));
      const [x, gamma, variance, dy, dMean, dVariance] = pulledBack(anew, xs, cotangents);
      return {
        x: () => x!,
        gamma: () => gamma!,
        mean: () => zerosLike(mean!),
        variance: () => variance!,
        dy: () => dy!,
        dMean: () => dMean!,
        dVariance: () => dVariance!,
      };
    },
  },
};

type GradientInputs = [
  x: Tensor,
  gamma: Tensor,
  variance: Tensor,
  dy: Tensor,
  dMean: Tensor,
  dVariance: Tensor,
];

/** ∂x, ∂γ and ∂β, in operations that have gradients themselves. */
function gradients(mean: Tensor, attrs: Attributes): (...inputs: GradientInputs) => Tensor[] {
  const { batch, positions, groups, channels, epsilon } = attrs as unknown as NormalizeAttributes;
  const shape = [batch, positions, groups, channels];
  const statistic = (t: Tensor): Tensor => reshape(t, [batch, 1, groups, 1]);
  const count = positions * channels;
  return (x, gamma, variance, dy, dMean, dVariance) => {
    const { centred } = centre(reshape(x, shape), statistic(mean));
    const inverse = rsqrt(add(statistic(variance), epsilon)); // 1/σ
    const dyViewed = reshape(dy, shape);
    const scaled = mul(dyViewed, reshape(gamma, [1, 1, groups, channels]));
    const aligned = meanOf(mul(scaled, centred), WITHIN);
    const slope = sub(
      mul(statistic(dVariance), 2 / count),
      mul(mul(inverse, square(inverse)), aligned),
    );
    const shift = sub(div(statistic(dMean), count), mul(inverse, meanOf(scaled, WITHIN)));
    const dx = add(mul(scaled, inverse), add(mul(centred, slope), shift));
    const dGamma = sum(mul(dyViewed, mul(centred, inverse)), { axis: [0, 1] });
    return [
      reshape(dx, x.shape),
      reshape(dGamma, gamma.shape),
      reshape(sum(dyViewed, { axis: [0, 1] }), gamma.shape),
    ];
  };
}

/** x less its mean, of which `mean` is all but a rounding error: of large means that error is no small thing. */
function centre(x: Tensor, mean: Tensor): { centred: Tensor; mean: Tensor } {
  const rough = sub(x, mean);
  const off = meanOf(rough, WITHIN);
  return { centred: sub(rough, off), mean: add(mean, off) };
}
