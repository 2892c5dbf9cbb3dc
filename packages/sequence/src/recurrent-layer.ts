/** What ElmanRNN, LSTM and GRU share: parameters under PyTorch's names, stacked layers, two directions. */
import {
  assertTensor,
  concat,
  ConfigError,
  describeValue,
  nearest,
  Parameter,
  type RecurrentWeights,
  type Rng,
  ShapeError,
  stack,
  type Tensor,
  tidy,
  unstack,
} from '@stratajs/core';
import { Dropout, init, Module } from '@stratajs/layers';

export interface RecurrentLayerOptions {
  /** Layers, each on the outputs of the one below. Default 1. */
  readonly numLayers?: number;
  /** Whether each layer also runs from last to first; outputs of both directions stand side by side. Default false. */
  readonly bidirectional?: boolean;
  /** Probability with which an output of a layer, but for the last one, is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Whether b_ih and b_hh are added. Default true. */
  readonly bias?: boolean;
  /** Of the initial values and of dropout. Default: the default generator. */
  readonly rng?: Rng;
}

export const RECURRENT_OPTIONS: readonly string[] = [
  'numLayers',
  'bidirectional',
  'dropout',
  'bias',
  'rng',
];

/** What a single layer does in one direction: from inputs and initial states to outputs and last states. */
export type RunLayer = (
  x: Tensor,
  weights: RecurrentWeights,
  states: readonly Tensor[] | undefined,
  reverse: boolean,
) => { readonly output: Tensor; readonly last: readonly Tensor[] };

/**
 * The parameters are fields of their own, under PyTorch's names in camel case: `weightIhL0` [G·H, in], `weightHhL0`
 * [G·H, H], `biasIhL0`, `biasHhL0` [G·H], and `…L0Reverse` of the other direction, uniform in ±1/√H at first.
 */
export abstract class RecurrentLayer extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bidirectional: boolean;
  readonly dropout: Dropout | null;

  constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentLayerOptions,
    known: readonly string[] = RECURRENT_OPTIONS,
  ) {
    super();
    const layer = new.target.name;
    checkOptions(layer, options, known);
    const { numLayers = 1, bidirectional = false, dropout = 0, bias = true, rng } = options;
    checkCount(layer, 'inputSize', inputSize);
    checkCount(layer, 'hiddenSize', hiddenSize);
    checkCount(layer, 'numLayers', numLayers);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bidirectional = bidirectional;
    this.dropout = dropout === 0 ? null : new Dropout(dropout, rng ? { rng } : {});
    const parameter = (shape: number[], what: string, suffix: string): Parameter =>
      tidy(
        () =>
          new Parameter(init.torchDefault(shape, { rng, fanIn: hiddenSize, fanOut: hiddenSize }), {
            layout: shape.length === 2 ? 'linear' : 'vector',
            externalName: `${what}_${suffix}`,
          }),
      );
    const fields = this as unknown as Record<string, Parameter>;
    for (let at = 0; at < numLayers; at++) {
      const inputs = at === 0 ? inputSize : hiddenSize * this.directions;
      for (let d = 0; d < this.directions; d++) {
        const suffix = d === 0 ? `l${at}` : `l${at}_reverse`;
        const names = namesOf(at, d);
        const rows = gates * hiddenSize;
        fields[names.weightIh] = parameter([rows, inputs], 'weight_ih', suffix);
        fields[names.weightHh] = parameter([rows, hiddenSize], 'weight_hh', suffix);
        if (!bias) continue;
        fields[names.biasIh] = parameter([rows], 'bias_ih', suffix);
        fields[names.biasHh] = parameter([rows], 'bias_hh', suffix);
      }
    }
  }

  /** 2 where it is bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /**
   * All layers, each in all directions.
   *
   * @param initial each state [numLayers · directions, N, H], or undefined for zeros.
   * @returns output [N, T, directions · H], and the last states, of the shape of the initial ones.
   */
  protected runLayers(
    x: Tensor,
    initial: Readonly<Record<string, Tensor>> | undefined,
    run: RunLayer,
  ): { output: Tensor; last: Tensor[] } {
    this.checkInput(x);
    for (const name in initial) this.checkState(name, initial[name], x.shape[0]!);
    const states = initial && Object.values(initial).map((state) => unstack(state));
    const last: (readonly Tensor[])[] = [];
    let y = x;
    for (let at = 0; at < this.numLayers; at++) {
      const outputs: Tensor[] = [];
      for (let d = 0; d < this.directions; d++) {
        const first = states?.map((parts) => parts[at * this.directions + d]!);
        const done = run(y, this.weights(at, d), first, d === 1);
        outputs.push(done.output);
        last.push(done.last);
      }
      y = outputs.length === 1 ? outputs[0]! : concat(outputs, 2);
      if (this.dropout && at < this.numLayers - 1) y = this.dropout.forward(y);
    }
    return { output: y, last: last[0]!.map((_, k) => stack(last.map((states) => states[k]!))) };
  }

  private weights(at: number, direction: number): RecurrentWeights {
    const fields = this as unknown as Record<string, Parameter | undefined>;
    const names = namesOf(at, direction);
    return {
      weightIh: fields[names.weightIh]!.value,
      weightHh: fields[names.weightHh]!.value,
      biasIh: fields[names.biasIh]?.value,
      biasHh: fields[names.biasHh]?.value,
    };
  }

  private checkInput(x: Tensor): void {
    const layer = this.constructor.name;
    assertTensor(x, `The input of ${layer}`);
    if (x.dtype === 'float32' && x.shape.length === 3 && x.shape[2] === this.inputSize) return;
    throw new ShapeError(
      `${layer} expects float32 sequences [N, T, ${this.inputSize}]. Received: ${describeValue(x)}. ` +
        (x.shape.length === 2
          ? 'Add the batch or time axis with expandDims().'
          : 'Build it for the number of features that comes.'),
    );
  }

  private checkState(name: string, state: Tensor | undefined, batch: number): void {
    const layer = this.constructor.name;
    assertTensor(state, `The initial ${name} of ${layer}`);
    const shape = [this.numLayers * this.directions, batch, this.hiddenSize];
    if (state.dtype === 'float32' && String(state.shape) === String(shape)) return;
    throw new ShapeError(
      `The initial ${name} of ${layer} is float32 [layers · directions, N, hiddenSize]. Expected: [${shape.join(', ')}]. ` +
        `Received: ${describeValue(state)}.`,
    );
  }
}

/** The fields of a layer's parameters in one direction. */
function namesOf(layer: number, direction: number): Record<keyof RecurrentWeights, string> {
  const suffix = `L${layer}${direction === 0 ? '' : 'Reverse'}`;
  return {
    weightIh: `weightIh${suffix}`,
    weightHh: `weightHh${suffix}`,
    biasIh: `biasIh${suffix}`,
    biasHh: `biasHh${suffix}`,
  };
}

function checkOptions(layer: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new ConfigError(`Unknown option of ${layer}. Received: '${key}'.${nearest(key, known)}`);
  }
}

function checkCount(layer: string, what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ConfigError(
    `${what} of ${layer} is a whole number of at least 1. Received: ${describeValue(value)}.`,
  );
}
