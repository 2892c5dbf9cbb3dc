/** The finite check that gates updates, and labels out of range, which it must find. */
import {
  dispose,
  firstNonFinite,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
  softmaxCrossEntropy,
} from '@stratajs/core';
import type { Check } from '../check.js';
import { assertIdentical, assertThat, take } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';

const inf = Number.POSITIVE_INFINITY;

/** More elements than any unrolled loop takes at once. */
const many: readonly number[] = Array.from({ length: 1030 }, () => 1);

export function finiteness(): Check[] {
  const lists: readonly [string, readonly (readonly number[])[], number][] = [
    ['all finite', [[1, 2], [3], [3.4e38, -3.4e38]], -1],
    ['a NaN', [[1, 2], [Number.NaN, 3], [4]], 1],
    ['an infinity', [[1], [2], [3, 4, 5, inf]], 2],
    ['a negative infinity in the first', [[1, -inf], [inf]], 0],
    ['a NaN at the end of many', [many, [...many, Number.NaN]], 1],
  ];
  return [
    ...lists.map(([name, values, expected]) => ({
      name: `firstNonFinite: ${name}`,
      async run() {
        const ts = values.map((v) => tensor(v));
        await assertNoLeak('firstNonFinite()', () => firstNonFinite(ts).dispose());
        assertIdentical('The index', await take(firstNonFinite(ts)), [expected]);
        dispose(ts);
      },
    })),
    ...[-1, 3].map((label) => ({
      name: `softmaxCrossEntropy: the label ${label} of 3 classes throws, or makes its row NaN`,
      async run() {
        const labels = tensor([1, label], [2], 'int32');
        const logits = tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]);
        const evaluate = (): { value: Tensor; grads: Tensor[] } =>
          tidy(() => valueAndGrad((x) => sum(softmaxCrossEntropy(x, labels)))(logits));
        let result: { value: Tensor; grads: Tensor[] } | null = null;
        try {
          result = evaluate();
        } catch (error) {
          const { message } = error as Error;
          assertThat(
            message.includes(String(label)) && /row\D*1|1\D*row|labels\[1\]/i.test(message),
            `The error names row and label. Received: ${message}`,
          );
        }
        if (result) {
          const value = await take(result.value);
          const g = await take(result.grads[0]!);
          assertThat(Number.isNaN(value[0]), `The loss must be NaN. Received: ${value[0]}.`);
          assertThat(
            [3, 4, 5].every((i) => Number.isNaN(g[i])) &&
              [0, 1, 2].every((i) => Number.isFinite(g[i])),
            `The gradient must be NaN in that row alone. Received: ${Array.from(g).join(', ')}.`,
          );
        }
        dispose([labels, logits]);
      },
    })),
  ];
}
