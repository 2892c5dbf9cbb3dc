import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { type Scalar, scalarValue } from '../state/scalar.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { fill, gated, minus, over, plus, times } from './composite.js';
import type { ExtensionKernel } from './kernel.js';
import { checkRate, checkUpdate, runUpdate } from './update.js';

const NAME = 'StrataAdamUpdate';

export interface AdamUpdate {
  readonly parameters: readonly State[];
  /** One for each parameter, of its shape. */
  readonly gradients: readonly Tensor[];
  /** m, one for each parameter, zeros at first. */
  readonly firstMoments: readonly State[];
  /** v, one for each parameter, zeros at first. */
  readonly secondMoments: readonly State[];
  /** int32 scalar: how many steps have been taken. It stays on the device. */
  readonly step: State;
  readonly learningRate: number | Scalar;
  /** In [0, 1). */
  readonly beta1: number;
  /** In [0, 1). */
  readonly beta2: number;
  readonly epsilon: number;
  /** Default 0. */
  readonly weightDecay?: number | Scalar;
  /** Whether decay acts on the parameter itself (AdamW) instead of the gradient. Default false. */
  readonly decoupled?: boolean;
  /** int32 scalar: nothing changes, `step` neither, unless it is −1. Default: always open. */
  readonly gate?: Tensor | undefined;
}

/**
 * One step of Adam on all parameters at once, in place:
 *
 *     step ← step + 1
 *     decoupled ? p ← p·(1 − learningRate·weightDecay) : g ← g + weightDecay·p
 *     m ← m + (1 − beta1)·(g − m)
 *     v ← beta2·v + (1 − beta2)·g²
 *     p ← p − learningRate/(1 − beta1^step)·m / (√v/√(1 − beta2^step) + epsilon)
 *
 * As `torch.optim.Adam` and `AdamW`. Kingma, Ba: Adam (ICLR 2015); Loshchilov, Hutter: Decoupled
 * weight decay regularization (ICLR 2019). A tensor read from a State before keeps its elements.
 *
 * @throws ShapeError or ConfigError before anything changes.
 */
export function adamUpdate(update: AdamUpdate): void {
  const { parameters, gradients, firstMoments, secondMoments, step, learningRate, gate } = update;
  const { beta1, beta2, epsilon, weightDecay = 0, decoupled = false } = update;
  checkUpdate('adamUpdate', parameters, gradients, { firstMoments, secondMoments }, [step], gate);
  if (step.dtype !== 'int32' || step.shape.length !== 0) {
    throw new ShapeError(
      `The step of adamUpdate() is a State that holds an int32 scalar. Received: ` +
        `${describe(State.heldBy(step))}. Make it with new State(scalar(0, 'int32')).`,
    );
  }
  checkRate('adamUpdate', 'learningRate', learningRate, 0, Infinity);
  checkRate('adamUpdate', 'beta1', beta1, 0, 1);
  checkRate('adamUpdate', 'beta2', beta2, 0, 1);
  checkRate('adamUpdate', 'epsilon', epsilon, 0, Infinity);
  checkRate('adamUpdate', 'weightDecay', weightDecay, 0, Infinity);
  runUpdate(
    NAME,
    [
      ...parameters.map((p, i) => [`p${i}`, p] as const),
      ...firstMoments.map((m, i) => [`m${i}`, m] as const),
      ...secondMoments.map((v, i) => [`v${i}`, v] as const),
      ['step', step] as const,
    ],
    {
      ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])),
      ...(gate ? { gate } : {}),
    },
    { count: parameters.length, learningRate, beta1, beta2, epsilon, weightDecay, decoupled },
  );
}

export const adamUpdateKernel: ExtensionKernel = {
  name: NAME,
  composite: (inputs, attrs) => {
    const number = (name: string): number => scalarValue(attrs[name] as number | Scalar);
    const count = attrs['count'] as number;
    const [beta1, beta2] = [number('beta1'), number('beta2')];
    const [learningRate, decay] = [number('learningRate'), number('weightDecay')];
    const decoupled = attrs['decoupled'] === true;
    const { gate } = inputs;

    const before = inputs['step']!;
    const step = plus(before, fill([], 1, 'int32'));
    const rate = over(fill([], learningRate), correction(beta1, step));
    const root = run('Sqrt', { x: correction(beta2, step) });
    const epsilon = fill([], number('epsilon'));

    const ps: Tensor[] = [];
    const ms: Tensor[] = [];
    const vs: Tensor[] = [];
    for (let i = 0; i < count; i++) {
      const [p, m, v] = [inputs[`p${i}`]!, inputs[`m${i}`]!, inputs[`v${i}`]!];
      let g = inputs[`g${i}`]!;
      let decayed = p;
      if (decay !== 0 && decoupled) decayed = times(p, 1 - learningRate * decay);
      else if (decay !== 0) g = plus(g, times(p, decay));
      const nextM = plus(m, times(minus(g, m), 1 - beta1));
      const nextV = plus(times(v, beta2), times(times(g, g), 1 - beta2));
      const denominator = plus(over(run('Sqrt', { x: nextV }), root), epsilon);
      const nextP = minus(decayed, over(times(nextM, rate), denominator));
      ps.push(gated(gate, nextP, p));
      ms.push(gated(gate, nextM, m));
      vs.push(gated(gate, nextV, v));
    }
    return [...ps, ...ms, ...vs, gated(gate, step, before)];
  },
};

/** 1 − beta^step as −expm1(step·ln beta): the difference itself would lose half its digits at first. */
function correction(beta: number, step: Tensor): Tensor {
  if (beta === 0) return fill([], 1);
  const exponent = times(run('Cast', { x: step }, { dtype: 'float32' }), Math.log(beta));
  return run('Neg', { x: run('Expm1', { x: exponent }) });
}
