/**
 * Activation functions, element by element. All compute in float32.
 */
import { run } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Scalar } from '../state/scalar.js';
import type { Tensor } from '../tensor.js';
import { tidy } from '../memory.js';
import { broadcastShapes, checkTensor, sameShape, shapeText } from './arguments.js';
import { add, mul } from './binary.js';
import { attributeNumber } from './operand.js';
import { clip, erf, float } from './unary.js';

/** max(x, 0). Its gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return float('Relu', 'relu', x);
}

/** min(max(x, 0), 6) (Howard et al., MobileNets, 2017). */
export function relu6(x: Tensor): Tensor {
  return float('Relu6', 'relu6', x);
}

/** x where x > 0, else slope·x. Default slope: 0.01 (Maas et al., 2013). */
export function leakyRelu(x: Tensor, slope: number | Scalar = 0.01): Tensor {
  return float('LeakyRelu', 'leakyRelu', x, {
    alpha: attributeNumber(slope, 'The slope of leakyRelu()'),
  });
}

/**
 * x where x > 0, else alpha·x, with a slope that is learnt (He et al., Delving Deep into Rectifiers,
 * 2015). `alpha` broadcasts to x.
 */
export function prelu(x: Tensor, alpha: Tensor): Tensor {
  checkTensor(x, 'prelu');
  checkTensor(alpha, 'prelu', 'alpha');
  const shape = broadcastShapes(x.shape, alpha.shape, 'prelu');
  if (!sameShape(shape, x.shape) || x.dtype !== 'float32' || alpha.dtype !== 'float32') {
    throw new ShapeError(
      `prelu() takes float32 tensors, alpha broadcasting to x. Received: x ${x.dtype} ${shapeText(x.shape)}, ` +
        `alpha ${alpha.dtype} ${shapeText(alpha.shape)}. Shape alpha as the last axes of x.`,
    );
  }
  return run('Prelu', { x, alpha });
}

/** x where x ≥ 0, else eˣ − 1 (Clevert et al., 2016). */
export function elu(x: Tensor): Tensor {
  return float('Elu', 'elu', x);
}

/** 1.0507·(x where x ≥ 0, else 1.6733·(eˣ − 1)) (Klambauer et al., Self-Normalizing Networks, 2017). */
export function selu(x: Tensor): Tensor {
  return float('Selu', 'selu', x);
}

/** 1 / (1 + e⁻ˣ) */
export function sigmoid(x: Tensor): Tensor {
  return float('Sigmoid', 'sigmoid', x);
}

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) */
export function tanh(x: Tensor): Tensor {
  return float('Tanh', 'tanh', x);
}

/** ln(1 + eˣ), without overflow. */
export function softplus(x: Tensor): Tensor {
  return float('Softplus', 'softplus', x);
}

/** x·sigmoid(x), also called swish (Elfwing et al., 2018). */
export function silu(x: Tensor): Tensor {
  checkTensor(x, 'silu');
  return tidy(() => mul(x, sigmoid(x)));
}

export interface GeluOptions {
  /** Use 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Default false: the exact form. */
  readonly approximate?: boolean;
}

/** x·Φ(x) = 0.5·x·(1 + erf(x/√2)), Φ the normal distribution function (Hendrycks & Gimpel, 2016). */
export function gelu(x: Tensor, { approximate = false }: GeluOptions = {}): Tensor {
  checkTensor(x, 'gelu');
  return tidy(() => {
    if (!approximate) return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
    const cubic = mul(mul(mul(x, x), x), 0.044715);
    const inner = mul(add(x, cubic), Math.sqrt(2 / Math.PI));
    return mul(mul(x, 0.5), add(tanh(inner), 1));
  });
}

/** min(max(x/6 + 1/2, 0), 1), as PyTorch's. */
export function hardSigmoid(x: Tensor): Tensor {
  checkTensor(x, 'hardSigmoid');
  return tidy(() => clip(add(mul(x, 1 / 6), 0.5), 0, 1));
}
