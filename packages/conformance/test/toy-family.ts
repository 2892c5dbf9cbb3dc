/** A family as small as can be, written against core alone, and ways to break it. */
import {
  add,
  assign,
  customGrad,
  dropout,
  identity,
  keep,
  linear,
  type ModelEntry,
  type ModelFamily,
  type ModelOptions,
  type ModuleLike,
  neg,
  Parameter,
  relu,
  type Rng,
  State,
  type Tensor,
  tidy,
  zeros,
} from '@stratajs/core';

export interface Fault {
  /** Parameters drawn from a generator of its own. */
  readonly ownRng?: Rng;
  /** A parameter that nothing depends on. */
  readonly unused?: boolean;
  /** Dropout that evaluation does not turn off. */
  readonly alwaysDrops?: boolean;
  /** Running statistics that evaluation moves. */
  readonly alwaysCounts?: boolean;
  /** A tensor kept in every forward. */
  readonly leaks?: boolean;
  /** Logits of another size than numClasses. */
  readonly wrongClasses?: boolean;
  /** Two states of one name. */
  readonly doubleName?: boolean;
  /** A gradient that points uphill. */
  readonly climbs?: boolean;
}

const uphill = customGrad((_, y) => ({ value: identity(y), gradient: (dy) => neg(dy) }));

class Toy implements ModuleLike {
  training = true;
  readonly parameters: [string, Parameter][];
  readonly calls = tidy(() => new State(zeros([])));

  private readonly rng: Rng;
  private readonly fault: Fault;

  constructor(
    { hidden, numClasses }: { hidden: number; numClasses: number },
    rng: Rng,
    fault: Fault,
  ) {
    this.rng = rng;
    this.fault = fault;
    const from = fault.ownRng ?? rng;
    const outputs = fault.wrongClasses ? numClasses + 1 : numClasses;
    const parameter = (shape: number[]): Parameter =>
      tidy(() => new Parameter(from.normal(shape, { std: 0.4 })));
    this.parameters = [
      ['first.weight', parameter([hidden, 4])],
      ['first.bias', parameter([hidden])],
      ['second.weight', parameter([outputs, hidden])],
    ];
    if (fault.unused) this.parameters.push(['spare', parameter([1])]);
  }

  forward(x: Tensor): Tensor {
    const { fault, training } = this;
    const [w1, b1, w2] = this.parameters.map(([, p]) => p.value) as [Tensor, Tensor, Tensor];
    if (training || fault.alwaysCounts) tidy(() => assign(this.calls, add(this.calls.value, 1)));
    let h = relu(linear(x, w1, b1));
    if (training || fault.alwaysDrops) h = dropout(h, 0.1, { rng: this.rng });
    if (fault.leaks) keep(this.calls.value);
    const y = linear(h, w2);
    return this.fault.climbs ? uphill(y) : y;
  }

  namedParameters(): [string, Parameter][] {
    return this.parameters;
  }

  namedStates(): [string, State][] {
    return [...this.parameters, [this.fault.doubleName ? 'first.weight' : 'calls', this.calls]];
  }

  train(): this {
    this.training = true;
    return this;
  }

  eval(): this {
    this.training = false;
    return this;
  }
}

export function toyFamily(
  fault: Fault = {},
  entry: Partial<ModelEntry> = {},
  id = 'toy',
): ModelFamily {
  const toy: ModelEntry = {
    task: 'classification',
    paper: 'Nobody: A toy. 2024',
    options: { hidden: 6, numClasses: 3 },
    create: (options: ModelOptions, rng: Rng) =>
      new Toy(options as { hidden: number; numClasses: number }, rng, fault),
    exampleInput: () => ({ shape: [2, 4], dtype: 'float32' }),
    parameterCount: 6 * 4 + 6 + 3 * 6,
    ...entry,
  };
  return { spec: 'v1', kind: 'models', name: 'toys', models: { [id]: toy } };
}
