/**
 * Normalization by the statistics of a batch, with its gradient in closed form.
 *
 * y = γ·x̂ + β with x̂ = (x − μ)/σ, σ = √(v + ε), and μ, v the mean and biased variance over all axes but the last.
 * With M values per channel: ∂β = Σ dy, ∂γ = Σ dy·x̂, ∂x = γ/σ·(dy − ∂β/M − x̂·∂γ/M). Seven passes over
 * the batch for the gradient, where the tape of the formula above would take twice as many.
 */
import {
  add,
  customGrad,
  div,
  mean,
  mul,
  noGrad,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  vjp,
} from '@stratajs/core';

export interface BatchStatistics {
  /** x − μ */
  readonly centred: Tensor;
  readonly mean: Tensor;
  /** Biased: the sum of squares over M. */
  readonly variance: Tensor;
}

/** Of all axes but the last. Constants to every gradient: `batchNormalize` accounts for them. */
export function batchStatistics(x: Tensor): BatchStatistics {
  return noGrad(() => {
    const axis = outerAxes(x);
    const mu = mean(x, { axis }); // [C]
    const centred = sub(x, mu);
    return { centred, mean: mu, variance: mean(square(centred), { axis }) };
  });
}

/** y = γ·x̂ + β. The gradient flows through the statistics, which must be those of x; to any order. */
export function batchNormalize(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { centred, variance }: BatchStatistics,
  epsilon: number,
): Tensor {
  const normalize = customGrad((save, x, gamma, beta) => {
    const inverse = rsqrt(add(variance, epsilon)); // 1/σ [C]
    save(x, gamma, centred, inverse);
    return {
      value: add(mul(centred, mul(gamma, inverse)), beta),
      gradient: (dy, saved) => {
        const [x, gamma, centred, inverse] = saved as [Tensor, Tensor, Tensor, Tensor];
        return gradients(dy, x, gamma, centred, inverse, epsilon);
      },
    };
  });
  return normalize(x, gamma, beta);
}

/**
 * ∂x, ∂γ, ∂β from what the forward pass has kept. The kept centred values and 1/σ are constants on the tape, so
 * ∂x and ∂γ carry gradients of their own, which compute them from x: second derivatives are right, and only
 * they pay for it.
 */
function gradients(
  dy: Tensor,
  x: Tensor,
  gamma: Tensor,
  centred: Tensor,
  inverse: Tensor,
  epsilon: number,
): Tensor[] {
  const axis = outerAxes(x);
  const count = x.size / x.shape.at(-1)!;
  const dBeta = sum(dy, { axis });

  const toGamma = customGrad((save, dy, x) => {
    save(dy, x);
    return {
      value: mul(sum(mul(dy, centred), { axis }), inverse),
      gradient: (d, [dy, x]) => vjp((dy, x) => gammaGradient(dy, x, epsilon), dy!, x!).pullback(d),
    };
  });
  const dGamma = toGamma(dy, x);

  const toX = customGrad((save, dy, x, gamma) => {
    save(dy, x, gamma);
    const scale = mul(gamma, inverse); // γ/σ [C]
    const slope = mul(mul(scale, inverse), div(dGamma, -count)); // −γ/σ²·∂γ/M [C]
    const shift = mul(scale, div(dBeta, -count)); // −γ/σ·∂β/M [C]
    return {
      value: add(add(mul(dy, scale), mul(centred, slope)), shift),
      gradient: (d, [dy, x, gamma]) =>
        vjp((dy, x, gamma) => inputGradient(dy, x, gamma, epsilon), dy!, x!, gamma!).pullback(d),
    };
  });
  return [toX(dy, x, gamma), dGamma, dBeta];
}

/** x̂ from x alone. */
function normalized(x: Tensor, epsilon: number): { xHat: Tensor; inverse: Tensor } {
  const axis = outerAxes(x);
  const centred = sub(x, mean(x, { axis }));
  const inverse = rsqrt(add(mean(square(centred), { axis }), epsilon));
  return { xHat: mul(centred, inverse), inverse };
}

function gammaGradient(dy: Tensor, x: Tensor, epsilon: number): Tensor {
  return sum(mul(dy, normalized(x, epsilon).xHat), { axis: outerAxes(x) });
}

function inputGradient(dy: Tensor, x: Tensor, gamma: Tensor, epsilon: number): Tensor {
  const axis = outerAxes(x);
  const { xHat, inverse } = normalized(x, epsilon);
  const rest = add(mean(dy, { axis }), mul(xHat, mean(mul(dy, xHat), { axis })));
  return mul(mul(gamma, inverse), sub(dy, rest));
}

function outerAxes(x: Tensor): number[] {
  return x.shape.slice(0, -1).map((_, i) => i);
}
