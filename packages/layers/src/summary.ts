import {
  dispose,
  type DType,
  isTensor,
  noGrad,
  Parameter,
  type Shape,
  ShapeError,
  tidy,
  zeros,
} from '@stratajs/core';
import type { Module } from './module.js';
import { walk } from './module-walk.js';

export interface SummaryRow {
  /** The module's path in the model; '' for the model itself. */
  readonly path: string;
  /** The name of its class. */
  readonly type: string;
  /** Of its last call; null when it was not called or puts out no single tensor. */
  readonly outputShape: Shape | null;
  /** Values in the parameters that this module itself holds, without those of modules below it. */
  readonly parameters: number;
}

/** What `Module.summary()` returns; prints as a table. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  /** Values in all parameters. The rows add up to it. */
  readonly total: number;
  /** Of these, in parameters that are not frozen. */
  readonly trainable: number;
  toString(): string;
}

/** The work of `Module.summary()`. */
export function summarize(model: Module, inputShape: Shape, dtype: DType): Summary {
  if (!Array.isArray(inputShape) || !inputShape.every((d) => Number.isInteger(d) && d > 0)) {
    throw new ShapeError(
      `summary() takes the shape of an input, batch axis included. Received: ${JSON.stringify(inputShape)}. ` +
        'Give positive whole numbers, for example [1, 28, 28, 1].',
    );
  }
  const { modules, states } = walk(model);
  const shapes = recordShapes(model, modules, inputShape, dtype);
  const seen = new Set<unknown>();
  const rows = [...modules].map(([path, module]): SummaryRow => {
    let parameters = 0;
    for (const [, state] of walk(module, false).states) {
      if (state instanceof Parameter && !seen.has(state)) parameters += state.size;
      seen.add(state);
    }
    return {
      path,
      type: module.constructor.name,
      outputShape: shapes.get(module) ?? null,
      parameters,
    };
  });
  const parameters = [...states.values()].filter((s) => s instanceof Parameter);
  const total = parameters.reduce((n, p) => n + p.size, 0);
  const trainable = parameters.reduce((n, p) => n + (p.trainable ? p.size : 0), 0);
  return { rows, total, trainable, toString: () => table(rows, total, trainable) };
}

function recordShapes(
  model: Module,
  modules: ReadonlyMap<string, Module>,
  inputShape: Shape,
  dtype: DType,
): Map<Module, Shape> {
  const shapes = new Map<Module, Shape>();
  const training = [...modules.values()].map((m) => [m, m.training] as const);
  const removers = [...modules.values()].map((m) =>
    m.onForward((output) => {
      if (isTensor(output)) shapes.set(m, [...output.shape]);
    }),
  );
  try {
    model.eval();
    tidy(() =>
      noGrad(() => {
        const forward = model.forward as (x: unknown) => unknown;
        dispose(forward.call(model, zeros(inputShape, dtype)));
      }),
    );
  } finally {
    for (const remove of removers) remove();
    for (const [m, before] of training) m.training = before;
  }
  return shapes;
}

function table(rows: readonly SummaryRow[], total: number, trainable: number): string {
  const cells = [
    ['layer', 'type', 'output shape', 'parameters'],
    ...rows.map((r) => [
      r.path === '' ? '(model)' : r.path,
      r.type,
      r.outputShape === null ? '-' : `[${r.outputShape.join(', ')}]`,
      r.parameters === 0 ? '-' : grouped(r.parameters),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) =>
    row.map((c, i) => (i === 3 ? c.padStart(widths[i]!) : c.padEnd(widths[i]!))).join('  '),
  );
  const rule = '-'.repeat(widths.reduce((a, b) => a + b, 0) + 6);
  const last = `${grouped(total)} parameters, ${grouped(trainable)} trainable`;
  return [lines[0], rule, ...lines.slice(1), rule, last].join('\n');
}

/** 61706 → '61,706', whatever the locale. */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
