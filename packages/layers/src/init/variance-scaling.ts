/**
 * Initial weights whose variance keeps the size of signals or gradients from layer to layer. Each is
 * normal with the variance given, or uniform in ±√(3·variance), which has the same.
 */
import type { Tensor } from '@stratajs/core';
import { complete, type Initializer, type InitializerContext } from './initializer.js';

type Variance = (fanIn: number, fanOut: number) => number;

const lecun: Variance = (fanIn) => 1 / fanIn;
const xavier: Variance = (fanIn, fanOut) => 2 / (fanIn + fanOut);
const he: Variance = (fanIn) => 2 / fanIn;

/** Variance 1/fanIn, for tanh, sigmoid and SELU (LeCun et al., "Efficient BackProp", 1998). */
export const lecunUniform: Initializer = (shape, context) => drawUniform(lecun, shape, context);

/** Variance 1/fanIn, for tanh, sigmoid and SELU (LeCun et al., "Efficient BackProp", 1998). */
export const lecunNormal: Initializer = (shape, context) => drawNormal(lecun, shape, context);

/** Variance 2/(fanIn + fanOut) (Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010). */
export const xavierUniform: Initializer = (shape, context) => drawUniform(xavier, shape, context);

/** Variance 2/(fanIn + fanOut) (Glorot & Bengio, 2010). */
export const xavierNormal: Initializer = (shape, context) => drawNormal(xavier, shape, context);

/** Variance 2/fanIn, for ReLU (He et al., "Delving deep into rectifiers", 2015). */
export const heUniform: Initializer = (shape, context) => drawUniform(he, shape, context);

/** Variance 2/fanIn, for ReLU (He et al., "Delving deep into rectifiers", 2015). */
export const heNormal: Initializer = (shape, context) => drawNormal(he, shape, context);

function drawUniform(
  variance: Variance,
  shape: readonly number[],
  context?: InitializerContext,
): Tensor {
  const { rng, fanIn, fanOut } = complete(shape, context);
  const bound = Math.sqrt(3 * variance(fanIn, fanOut));
  return rng.uniform(shape, { min: -bound, max: bound });
}

function drawNormal(
  variance: Variance,
  shape: readonly number[],
  context?: InitializerContext,
): Tensor {
  const { rng, fanIn, fanOut } = complete(shape, context);
  return rng.normal(shape, { mean: 0, std: Math.sqrt(variance(fanIn, fanOut)) });
}
