/** What batchNorm(), layerNorm() and groupNorm() share: the checks of their options, and the kernel. */
import { describe, runMany } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { checkTensor, sameShape, shapeText, sizeOf } from '../ops/arguments.js';
import { checkFloat } from '../ops/conv2d.js';
import type { Shape, Tensor } from '../tensor.js';
import { fill } from './composite.js';
import { NORMALIZE, type NormalizeView } from './normalize-kernels.js';

export interface NormalizeOptions {
  /** γ, by which each normalized value is multiplied. Default: ones. */
  readonly weight?: Tensor | undefined;
  /** β, which is added. Default: zeros. */
  readonly bias?: Tensor | undefined;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/** Throws unless `x` is a float32 tensor. */
export function checkNormalized(x: Tensor, op: string): void {
  checkTensor(x, op);
  checkFloat(op, x, 'x');
}

/** Runs the kernel on `view` of x; weight and bias have the shape `affine`. Gives y, means and variances. */
export function normalize(
  op: string,
  x: Tensor,
  view: NormalizeView,
  affine: Shape,
  { weight, bias, epsilon = 1e-5 }: NormalizeOptions,
): [y: Tensor, mean: Tensor, variance: Tensor] {
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon < Infinity)) {
    throw new ConfigError(
      `The epsilon of ${op}() is a number of at least 0. Received: ${describe(epsilon)}. Usual: 1e-5.`,
    );
  }
  if (view.positions * view.channels === 0) {
    throw new ShapeError(
      `${op}() normalizes by the mean of at least one value. Received: shape ${shapeText(x.shape)}. ` +
        'Check for the empty case first.',
    );
  }
  checkAffine(op, 'weight', weight, affine);
  checkAffine(op, 'bias', bias, affine);
  const gamma = weight ?? fill(affine, 1);
  const beta = bias ?? fill(affine, 0);
  try {
    return runMany(NORMALIZE, { x, gamma, beta }, { ...view, epsilon }) as [Tensor, Tensor, Tensor];
  } finally {
    if (!weight) gamma.dispose();
    if (!bias) beta.dispose();
  }
}

/** The same for operations that give y alone. */
export function normalized(
  op: string,
  x: Tensor,
  view: NormalizeView,
  affine: Shape,
  options: NormalizeOptions,
): Tensor {
  const [y, mean, variance] = normalize(op, x, view, affine, options);
  mean.dispose();
  variance.dispose();
  return y;
}

function checkAffine(op: string, name: string, t: Tensor | undefined, shape: Shape): void {
  if (t === undefined) return;
  checkTensor(t, op, name);
  if (t.dtype === 'float32' && sameShape(t.shape, shape)) return;
  throw new ShapeError(
    `The ${name} of ${op}() is float32 of shape ${shapeText(shape)}. Received: ${describe(t)}.` +
      (sizeOf(t.shape) === sizeOf(shape) ? ' reshape() or cast() it.' : ''),
  );
}
