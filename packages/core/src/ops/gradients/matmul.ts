/** Matrix products. tfjs's gradient of BatchMatMul does not sum over broadcast batches; the fused one has none. */
import { BackendError } from '../../errors.js';
import type { Attributes } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { matmul } from '../matmul.js';
import { type KernelGradient, unbroadcast } from './kernel-gradient.js';

export const matmulGradients: readonly KernelGradient[] = [
  {
    kernel: 'BatchMatMul',
    inputs: ['a', 'b'],
    of: (dy, saved, attrs) => factors(dy, saved as [Tensor, Tensor], attrs),
  },
  {
    kernel: '_FusedMatMul',
    inputs: ['a', 'b'],
    of: (dy, saved, attrs) => {
      checkLinear('_FusedMatMul', attrs);
      return {
        ...factors(dy, saved as [Tensor, Tensor], attrs),
        bias: () => unbroadcast(dy, dy.shape.slice(-1)),
      };
    },
  },
];

/** The kernels with an epilogue are differentiated for a bias alone, as core's operations call them. */
export function checkLinear(kernel: string, attrs: Attributes): void {
  const activation = attrs['activation'];
  if (activation === undefined || activation === 'linear') return;
  throw new BackendError(
    `The gradient of the kernel ${kernel} takes the activation 'linear'. Received: '${String(activation)}'. Apply the activation after it.`,
  );
}

function factors(
  dy: Tensor,
  [a, b]: readonly [Tensor, Tensor],
  attrs: Attributes,
): Record<'a' | 'b', () => Tensor> {
  const transposeA = attrs['transposeA'] === true;
  const transposeB = attrs['transposeB'] === true;
  return {
    a: () =>
      unbroadcast(
        transposeA
          ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
          : matmul(dy, b, { transposeB: !transposeB }),
        a.shape,
      ),
    b: () =>
      unbroadcast(
        transposeB
          ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
          : matmul(a, dy, { transposeA: !transposeA }),
        b.shape,
      ),
  };
}
