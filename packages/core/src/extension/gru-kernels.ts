/**
 * A GRU over a whole sequence, whose products with the input are done before, for all steps at once. With p
 * [N, T, 3H] these products, W the recurrent weight [3H, H] and b its bias [3H], gates in the order r, z, n:
 *
 *     a = h·Wᵀ + b;   r, z = σ(p_r + a_r), σ(p_z + a_z);   n = tanh(p_n + r·a_n);   h ← n + z·(h − n)
 *
 * The trace [N, T, 5H] is what the gradient kernel needs of each step: r, z, n, a_n, and h before it. A sequence
 * that is over at t keeps its state; its output and trace are 0 there.
 */
import { zerosLike } from '../create.js';
import { type Attributes, runMany } from '../engine.js';
import { sigmoid, tanh } from '../ops/activation.js';
import { add, mul, sub } from '../ops/binary.js';
import { concat, split, stack } from '../ops/join.js';
import { linear, matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { square } from '../ops/unary.js';
import type { Tensor } from '../tensor.js';
import type { ExtensionKernel } from './kernel.js';
import { pulledBack } from './pulled-back.js';
import { chooseAt, joinSteps, stepOrder, stepsOf } from './recurrent-steps.js';

export const GRU = 'StrataGru';
const GRADIENT = 'StrataGruGrad';

/** r, z, n, a_n, and h before the step. */
type Step = readonly [r: Tensor, z: Tensor, n: Tensor, an: Tensor, h: Tensor];

export const gruKernel: ExtensionKernel = {
  name: GRU,
  composite: ({ projected, weight, bias, hidden, lengths }, attrs) => {
    const { outputs, h, steps } = unrolled([projected!, weight!, bias!, hidden!], lengths!, attrs);
    return [stack(outputs, 1), h, joinSteps(steps)];
  },
  gradient: {
    saved: ['projected', 'weight', 'bias', 'hidden', 'lengths'],
    savedOutputs: [false, false, true],
    differentiable: 2,
    of: ([dy, dHidden], saved, attrs) => {
      const [projected, weight, bias, hidden, lengths, trace] = saved;
      const inputs = { projected, weight, bias, hidden, lengths, trace, dy, dHidden };
      const [dp, dw, db, dh] = runMany(GRADIENT, inputs, attrs) as [Tensor, Tensor, Tensor, Tensor];
      return { projected: () => dp, weight: () => dw, bias: () => db, hidden: () => dh };
    },
  },
};

export const gruGradKernel: ExtensionKernel = {
  name: GRADIENT,
  composite: ({ weight, lengths, trace, dy, dHidden }, attrs) => {
    const steps = stepsOf(trace!).map((t) => split(t, 5, 1) as unknown as Step);
    return gradients(steps, weight!, lengths!, dy!, dHidden!, attrs);
  },
  // The trace is a function of the other inputs: gradients of gradients go through the steps themselves.
  gradient: {
    saved: ['lengths', 'trace', 'projected', 'weight', 'bias', 'hidden', 'dy', 'dHidden'],
    of: (cotangents, [lengths, trace, ...xs], attrs) => {
      const anew = (): Tensor[] => {
        const [p, w, b, h, ...dys] = xs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
        const { steps } = unrolled([p, w, b, h], lengths!, attrs);
        return gradients(steps, w, lengths!, ...dys, attrs);
      };
      const [projected, weight, bias, hidden, dy, dHidden] = pulledBack(anew, xs, cotangents);
      return {
        projected: () => projected!,
        weight: () => weight!,
        bias: () => bias!,
        hidden: () => hidden!,
        trace: () => zerosLike(trace!),
        dy: () => dy!,
        dHidden: () => dHidden!,
      };
    },
  },
};

function unrolled(
  [projected, weight, bias, hidden]: readonly [Tensor, Tensor, Tensor, Tensor],
  lengths: Tensor,
  attrs: Attributes,
): { outputs: Tensor[]; h: Tensor; steps: Step[] } {
  const inputs = stepsOf(projected);
  const outputs: Tensor[] = [];
  const steps: Step[] = [];
  let h = hidden;
  for (const t of stepOrder(projected, attrs)) {
    const choose = chooseAt(t, lengths);
    const [pr, pz, pn] = split(inputs[t]!, 3, 1) as [Tensor, Tensor, Tensor];
    const [ar, az, an] = split(linear(h, weight, bias), 3, 1) as [Tensor, Tensor, Tensor];
    const [r, z] = [sigmoid(add(pr, ar)), sigmoid(add(pz, az))];
    const n = tanh(add(pn, mul(r, an)));
    const y = add(n, mul(z, sub(h, n)));
    steps[t] = [r, z, n, an, h].map((v) => choose(v)) as unknown as Step;
    outputs[t] = choose(y);
    h = choose(y, h);
  }
  return { outputs, h, steps };
}

/** The gradients of the products, the weight, its bias and the initial state, in operations that have gradients themselves. */
function gradients(
  steps: readonly Step[],
  weight: Tensor,
  lengths: Tensor,
  dy: Tensor,
  dHidden: Tensor,
  attrs: Attributes,
): Tensor[] {
  const dys = stepsOf(dy);
  const dps: Tensor[] = [];
  const das: Tensor[] = [];
  let dh = dHidden;
  for (const t of stepOrder(dy, attrs).reverse()) {
    const choose = chooseAt(t, lengths);
    const [r, z, n, an, h] = steps[t]!;
    const toY = add(dh, dys[t]!);
    const toN = mul(mul(toY, sub(1, z)), sub(1, square(n)));
    const toR = mul(mul(toN, an), mul(r, sub(1, r)));
    const toZ = mul(mul(toY, sub(h, n)), mul(z, sub(1, z)));
    dps[t] = choose(concat([toR, toZ, toN], 1));
    das[t] = choose(concat([toR, toZ, mul(toN, r)], 1));
    dh = choose(add(mul(toY, z), matmul(das[t]!, weight)), dh);
  }
  // Of a sequence that is over, da is 0.
  const da = concat(das, 0);
  const before = concat(
    steps.map(([, , , , h]) => h),
    0,
  );
  return [stack(dps, 1), matmul(da, before, { transposeA: true }), sum(da, { axis: 0 }), dh];
}
