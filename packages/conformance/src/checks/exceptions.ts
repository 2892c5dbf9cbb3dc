/** Whatever throws, nothing leaks and the engine goes on. */
import {
  add,
  customGrad,
  dispose,
  grad,
  identity,
  matmul,
  mul,
  Parameter,
  square,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
  vjp,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertIdentical, assertThat, take } from '../compare.js';
import { assertThrowsCleanly } from '../flat-memory.js';

class Boom extends Error {}

/** Throws while `alive` is. */
function boom(alive: Tensor): never {
  throw new Boom(`thrown by the check beside a tensor of shape [${alive.shape.join(', ')}]`);
}

/** Each throws with tensors alive in scopes and on the tape. `expected` null: any error will do. */
const faults: Readonly<Record<string, { run(x: Tensor): unknown; expected: typeof Boom | null }>> =
  {
    'inside tidy()': { run: (x) => tidy(() => boom(mul(x, 2))), expected: Boom },
    'inside nested tidy()': {
      run: (x) => tidy(() => tidy(() => boom(mul(x, add(x, 1))))),
      expected: Boom,
    },
    'inside grad()': { run: (x) => grad((z) => boom(sum(square(mul(z, z)))))(x), expected: Boom },
    'inside grad() inside tidy()': {
      run: (x) => tidy(() => grad((z) => tidy(() => boom(sum(mul(square(z), 3)))))(x)),
      expected: Boom,
    },
    'inside a nested grad()': {
      run: (x) => grad((z) => sum(mul(z, grad((w) => boom(sum(square(w))))(mul(z, 2)))))(x),
      expected: Boom,
    },
    'outside the inner of two grad()': {
      run: (x) => grad((z) => boom(sum(mul(z, grad((w) => sum(square(w)))(z)))))(x),
      expected: Boom,
    },
    'in the gradient of a customGrad()': {
      run: (x) => {
        const f = customGrad((save, z) => {
          save(z);
          return { value: identity(z), gradient: (dy) => boom(mul(dy, 2)) };
        });
        return grad((z) => sum(square(f(mul(z, 2)))))(x);
      },
      expected: Boom,
    },
    'in the function of vjp()': { run: (x) => vjp((z) => boom(square(z)), x), expected: Boom },
    'in the gradient of a model': {
      run: (x) => {
        const p = new Parameter(x);
        try {
          return valueAndGrad(() => boom(sum(mul(p.value, square(p.value)))), {
            namedParameters: () => [['p', p]] as const,
          })();
        } finally {
          p.dispose();
        }
      },
      expected: Boom,
    },
    'for shapes that do not fit, inside grad()': {
      run: (x) => grad((z) => sum(matmul(square(z), square(z))))(x),
      expected: null,
    },
    'for a loss that is no scalar': { run: (x) => grad((z) => square(z))(x), expected: null },
    'for a loss that is no tensor': {
      run: (x) => grad((z) => void square(z) as unknown as Tensor)(x),
      expected: null,
    },
    'for a tensor that was disposed': {
      run: (x) => {
        const gone = mul(x, 2);
        gone.dispose();
        return grad((z) => sum(mul(square(z), gone)))(x);
      },
      expected: null,
    },
  };

export function exceptions(): Check[] {
  return Object.entries(faults).map(([name, { run, expected }]) => ({
    name,
    async run() {
      const x = tensor([1, 2, 3], [1, 3]);
      const y = tensor([3]);
      for (let i = 0; i < 3; i++) {
        const error = assertThrowsCleanly('What', () => run(x));
        assertThat(
          expected === null || error instanceof expected,
          `The error must be handed on. Received: ${error.name}: ${error.message}`,
        );
      }
      assertIdentical('A gradient afterwards', await take(grad((z) => sum(square(z)))(y)), [6]);
      assertIdentical('An operation afterwards', await take(tidy(() => sum(mul(x, y)))), [18]);
      dispose([x, y]);
    },
  }));
}
