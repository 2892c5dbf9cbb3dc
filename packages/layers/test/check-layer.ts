import { mul, sum, valueAndGrad, vjp } from '@stratajs/core';
import type { Layer } from '../src/index.js';
import { expectClose, fromGolden, type Golden, readGolden } from './golden-values.js';

export type Case = Readonly<Record<string, Golden>>;
export const golden: Readonly<Record<string, Case>> = {
  ...readGolden<Record<string, Case>>('layers'),
  ...readGolden<Record<string, Case>>('grouped'),
};

/** Forward, gradient of the input and of every parameter, against PyTorch in float64. */
export async function checkLayer(layer: Layer, name: string, tolerance?: number): Promise<void> {
  const g = golden[name]!;
  const dict: Record<string, Golden> = {};
  for (const [path] of layer.namedParameters()) dict[path] = g[path]!;
  layer.loadStateDict(dict, { strict: false });
  const x = fromGolden(g['x']!);
  const r = fromGolden(g['r']!);

  const { value, pullback } = vjp((x) => layer.forward(x), x);
  await expectClose(value, g['y']!, tolerance);
  await expectClose(pullback(r)[0]!, g['dx']!, tolerance);
  if (layer.parameters().length > 0) {
    const { grads } = valueAndGrad(() => sum(mul(layer.forward(x), r)), layer)();
    for (const [path, gradient] of Object.entries(grads))
      await expectClose(gradient, g[`d${path}`]!, tolerance);
  }
}
