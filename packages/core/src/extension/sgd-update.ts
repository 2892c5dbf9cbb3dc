import { ConfigError } from '../errors.js';
import { type Scalar, scalarValue } from '../state/scalar.js';
import type { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { gated, minus, plus, times } from './composite.js';
import type { ExtensionKernel } from './kernel.js';
import { checkRate, checkUpdate, runUpdate } from './update.js';

const NAME = 'StrataSgdUpdate';

export interface SgdUpdate {
  readonly parameters: readonly State[];
  /** One for each parameter, of its shape. */
  readonly gradients: readonly Tensor[];
  /** One for each parameter, zeros at first; needed with momentum. */
  readonly velocities?: readonly State[] | undefined;
  readonly learningRate: number | Scalar;
  /** In [0, 1). Default 0. */
  readonly momentum?: number | Scalar;
  /** Default false. */
  readonly nesterov?: boolean;
  /** Default 0. */
  readonly weightDecay?: number | Scalar;
  /** int32 scalar: nothing changes unless it is −1. Default: always open. */
  readonly gate?: Tensor | undefined;
}

/**
 * One step of stochastic gradient descent on all parameters at once, in place:
 *
 *     d = g + weightDecay·p
 *     v ← momentum·v + d;  d = nesterov ? d + momentum·v : v      (with velocities)
 *     p ← p − learningRate·d
 *
 * As `torch.optim.SGD` with dampening 0. A tensor read from a State before keeps its elements.
 *
 * @throws ShapeError or ConfigError before anything changes.
 */
export function sgdUpdate(update: SgdUpdate): void {
  const { parameters, gradients, velocities, learningRate, gate } = update;
  const { momentum = 0, nesterov = false, weightDecay = 0 } = update;
  const slots = velocities ? { velocities } : {};
  checkUpdate('sgdUpdate', parameters, gradients, slots, [], gate);
  checkRate('sgdUpdate', 'learningRate', learningRate, 0, Infinity);
  checkRate('sgdUpdate', 'momentum', momentum, 0, 1);
  if (momentum !== 0 && !velocities) {
    throw new ConfigError(
      `sgdUpdate() needs velocities with momentum. Received: momentum ${scalarValue(momentum)} and no velocities. ` +
        'Give one State of zeros for each parameter.',
    );
  }
  checkRate('sgdUpdate', 'weightDecay', weightDecay, 0, Infinity);
  runUpdate(
    NAME,
    [
      ...parameters.map((p, i) => [`p${i}`, p] as const),
      ...(velocities ?? []).map((v, i) => [`v${i}`, v] as const),
    ],
    {
      ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])),
      ...(gate ? { gate } : {}),
    },
    { count: parameters.length, learningRate, momentum, nesterov, weightDecay },
  );
}

export const sgdUpdateKernel: ExtensionKernel = {
  name: NAME,
  composite: (inputs, attrs) => {
    const number = (name: string): number => scalarValue(attrs[name] as number | Scalar);
    const count = attrs['count'] as number;
    const [learningRate, momentum, decay] = [
      number('learningRate'),
      number('momentum'),
      number('weightDecay'),
    ];
    const { gate } = inputs;
    const ps: Tensor[] = [];
    const vs: Tensor[] = [];
    for (let i = 0; i < count; i++) {
      const p = inputs[`p${i}`]!;
      const v = inputs[`v${i}`];
      let d = inputs[`g${i}`]!;
      if (decay !== 0) d = plus(d, times(p, decay));
      if (v) {
        const next = plus(times(v, momentum), d);
        vs.push(gated(gate, next, v));
        d = attrs['nesterov'] ? plus(d, times(next, momentum)) : next;
      }
      ps.push(gated(gate, minus(p, times(d, learningRate)), p));
    }
    return [...ps, ...vs];
  },
};
