/**
 * An LSTM over a whole sequence, whose products with the input are done before, for all steps at once. With
 * p [N, T, 4H] these products, W the recurrent weight [4H, H], gates in the order i, f, g, o:
 *
 *     a = p_t + h·Wᵀ;   i, f, o = σ(a_i), σ(a_f), σ(a_o);   g = tanh(a_g);   c ← f·c + i·g;   h ← o·tanh(c)
 *
 * The trace [N, T, 6H] is what the gradient kernel needs of each step: i, f, g, o, and c and h before it. A
 * sequence that is over at t keeps its state; its output and trace are 0 there.
 */
import { zerosLike } from '../create.js';
import { type Attributes, runMany } from '../engine.js';
import { add, mul, sub } from '../ops/binary.js';
import { sigmoid, tanh } from '../ops/activation.js';
import { concat, split, stack } from '../ops/join.js';
import { matmul } from '../ops/matmul.js';
import { square } from '../ops/unary.js';
import type { Tensor } from '../tensor.js';
import type { ExtensionKernel } from './kernel.js';
import { pulledBack } from './pulled-back.js';
import { chooseAt, joinSteps, stepOrder, stepsOf } from './recurrent-steps.js';

export const LSTM = 'StrataLstm';
const GRADIENT = 'StrataLstmGrad';

/** i, f, g, o, and c and h before the step. */
type Step = readonly [i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor, h: Tensor];

export const lstmKernel: ExtensionKernel = {
  name: LSTM,
  composite: ({ projected, weight, hidden, cell, lengths }, attrs) => {
    const { outputs, h, c, steps } = unrolled(
      [projected!, weight!, hidden!, cell!],
      lengths!,
      attrs,
    );
    return [stack(outputs, 1), h, c, joinSteps(steps)];
  },
  gradient: {
    saved: ['projected', 'weight', 'hidden', 'cell', 'lengths'],
    savedOutputs: [false, false, false, true],
    differentiable: 3,
    of: ([dy, dHidden, dCell], saved, attrs) => {
      const [projected, weight, hidden, cell, lengths, trace] = saved;
      const inputs = { projected, weight, hidden, cell, lengths, trace, dy, dHidden, dCell };
      const [dp, dw, dh, dc] = runMany(GRADIENT, inputs, attrs) as [Tensor, Tensor, Tensor, Tensor];
      return { projected: () => dp, weight: () => dw, hidden: () => dh, cell: () => dc };
    },
  },
};

export const lstmGradKernel: ExtensionKernel = {
  name: GRADIENT,
  composite: ({ weight, lengths, trace, dy, dHidden, dCell }, attrs) => {
    const steps = stepsOf(trace!).map((t) => split(t, 6, 1) as unknown as Step);
    return gradients(steps, weight!, lengths!, dy!, dHidden!, dCell!, attrs);
  },
  // The trace is a function of the other inputs: gradients of gradients go through the steps themselves.
  gradient: {
    saved: ['lengths', 'trace', 'projected', 'weight', 'hidden', 'cell', 'dy', 'dHidden', 'dCell'],
    of: (cotangents, [lengths, trace, ...xs], attrs) => {
      const anew = (): Tensor[] => {
        const [p, w, h, c, ...dys] = xs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
        const { steps } = unrolled([p, w, h, c], lengths!, attrs);
        return gradients(steps, w, lengths!, ...dys, attrs);
      };
      const [projected, weight, hidden, cell, dy, dHidden, dCell] = pulledBack(
        anew,
        xs,
        cotangents,
      );
      return {
        projected: () => projected!,
        weight: () => weight!,
        hidden: () => hidden!,
        cell: () => cell!,
        trace: () => zerosLike(trace!),
        dy: () => dy!,
        dHidden: () => dHidden!,
        dCell: () => dCell!,
      };
    },
  },
};

function unrolled(
  [projected, weight, hidden, cell]: readonly [Tensor, Tensor, Tensor, Tensor],
  lengths: Tensor,
  attrs: Attributes,
): { outputs: Tensor[]; h: Tensor; c: Tensor; steps: Step[] } {
  const inputs = stepsOf(projected);
  const outputs: Tensor[] = [];
  const steps: Step[] = [];
  let [h, c] = [hidden, cell];
  for (const t of stepOrder(projected, attrs)) {
    const choose = chooseAt(t, lengths);
    const a = split(add(inputs[t]!, matmul(h, weight, { transposeB: true })), 4, 1);
    const [i, f, g, o] = [sigmoid(a[0]!), sigmoid(a[1]!), tanh(a[2]!), sigmoid(a[3]!)];
    const next = add(mul(f, c), mul(i, g));
    const y = mul(o, tanh(next));
    steps[t] = [i, f, g, o, c, h].map((v) => choose(v)) as unknown as Step;
    outputs[t] = choose(y);
    [h, c] = [choose(y, h), choose(next, c)];
  }
  return { outputs, h, c, steps };
}

/** The gradients of the products, the weight and both initial states, in operations that have gradients themselves. */
function gradients(
  steps: readonly Step[],
  weight: Tensor,
  lengths: Tensor,
  dy: Tensor,
  dHidden: Tensor,
  dCell: Tensor,
  attrs: Attributes,
): Tensor[] {
  const dys = stepsOf(dy);
  const das: Tensor[] = [];
  let [dh, dc] = [dHidden, dCell];
  for (const t of stepOrder(dy, attrs).reverse()) {
    const choose = chooseAt(t, lengths);
    const [i, f, g, o, c] = steps[t]!;
    const squashed = tanh(add(mul(f, c), mul(i, g)));
    const toY = add(dh, dys[t]!);
    const toC = add(dc, mul(mul(toY, o), sub(1, square(squashed))));
    const da = choose(
      concat(
        [
          mul(mul(toC, g), mul(i, sub(1, i))),
          mul(mul(toC, c), mul(f, sub(1, f))),
          mul(mul(toC, i), sub(1, square(g))),
          mul(mul(toY, squashed), mul(o, sub(1, o))),
        ],
        1,
      ),
    );
    das[t] = da;
    [dh, dc] = [choose(matmul(da, weight), dh), choose(mul(toC, f), dc)];
  }
  // Of a sequence that is over, da is 0.
  const dWeight = matmul(
    concat(das, 0),
    concat(
      steps.map(([, , , , , h]) => h),
      0,
    ),
    { transposeA: true },
  );
  return [stack(das, 1), dWeight, dh, dc];
}
