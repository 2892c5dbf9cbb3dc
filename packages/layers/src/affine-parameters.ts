import { ones, Parameter, type Shape, tidy, zeros } from '@stratajs/core';

/** The scale γ, from 1, and the shift β, from 0, that follow a normalization. */
export function affineParameters(shape: Shape): { weight: Parameter; bias: Parameter } {
  const layout = shape.length === 1 ? 'vector' : 'any';
  return tidy(() => ({
    weight: new Parameter(ones(shape), { layout, externalName: 'weight' }),
    bias: new Parameter(zeros(shape), { layout, externalName: 'bias' }),
  }));
}
