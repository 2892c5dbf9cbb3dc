/** The operations that core exports, each at a point where PyTorch's result is known. */
import { StrataError, type Tensor } from '@stratajs/core';
import { operations } from '../golden/operations.js';
import { attention } from './attention.js';
import { contractions } from './contractions.js';
import { elementwise } from './elementwise.js';
import { logic } from './logic.js';
import { losses } from './losses.js';
import { normalization } from './normalization.js';
import { recurrent } from './recurrent.js';
import { reductions } from './reductions.js';
import { shapes } from './shapes.js';
import type { OperationCase, Table } from './types.js';

const tables: Table = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...contractions,
  ...losses,
  ...logic,
  ...normalization,
  ...attention,
  ...recurrent,
};

/** Every case, in the order of the golden file. */
export function operationCases(): OperationCase[] {
  const cases = operations.map((golden) => {
    const apply = tables[golden.name] as ((...xs: Tensor[]) => Tensor) | undefined;
    if (!apply) throw new StrataError(`No operation stands for the golden case '${golden.name}'.`);
    return { golden, apply };
  });
  const without = Object.keys(tables).filter((name) => !operations.some((c) => c.name === name));
  if (without.length > 0) {
    throw new StrataError(`No golden case stands for: ${without.join(', ')}. Add it to golden/.`);
  }
  return cases;
}
