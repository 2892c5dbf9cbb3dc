import { zerosLike } from '../create.js';
import { run } from '../engine.js';
import type { Tensor } from '../tensor.js';
import { fill } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const NAME = 'StrataReluGrad';

/** dy where y > 0, else 0; dy also where y is NaN. */
export function reluGrad(dy: Tensor, y: Tensor): Tensor {
  return run(NAME, { dy, y });
}

/** The gradient of relu from its result, which the next operation keeps anyway. */
export const reluGradKernel: ExtensionKernel = {
  name: NAME,
  composite: ({ dy, y }) => {
    const condition = run('LessEqual', { a: y!, b: fill([], 0) });
    return run('Select', { condition, t: run('ZerosLike', { x: dy! }), e: dy! });
  },
  gradient: {
    saved: ['y'],
    of: (ddx, [y]) => ({ dy: () => reluGrad(ddx, y!), y: () => zerosLike(y!) }),
  },
};
