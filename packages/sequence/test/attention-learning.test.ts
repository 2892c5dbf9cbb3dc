/**
 * Layers of attention learn tasks that only attention can do in one layer: to say a sequence backwards, to sort one, to
 * copy one step by step.
 */
import {
  add,
  memory,
  oneHot,
  Parameter,
  reshape,
  Rng,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
} from '@stratajs/core';
import { Linear, losses, Module } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { beforeAll, expect, it } from 'vitest';
import {
  MultiHeadAttention,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

const [KINDS, LENGTH, BATCH, FEATURES] = [6, 7, 32, 32];

/** Vectors for symbols [N, LENGTH], each of symbol and place. */
class Embedding extends Module {
  readonly symbols: Linear;
  readonly places: Parameter;

  constructor(rng: Rng) {
    super();
    this.symbols = new Linear(KINDS + 1, FEATURES, { rng });
    this.places = tidy(() => new Parameter(rng.normal([LENGTH, FEATURES], { std: 0.5 })));
  }

  forward(x: Tensor): Tensor {
    return add(this.symbols.forward(oneHot(x, KINDS + 1)), this.places.value);
  }
}

/** Scores of a symbol at each place. */
abstract class Task extends Module {
  readonly embedding: Embedding;
  readonly scores: Linear;

  constructor(rng: Rng) {
    super();
    this.embedding = new Embedding(rng);
    this.scores = new Linear(FEATURES, KINDS, { rng });
  }

  abstract override forward(x: Tensor, said: Tensor): Tensor;
}

class Backwards extends Task {
  readonly attention: MultiHeadAttention;

  constructor(rng: Rng) {
    super(rng);
    this.attention = new MultiHeadAttention(FEATURES, 4, { rng });
  }

  forward(x: Tensor): Tensor {
    return this.scores.forward(this.attention.forward(this.embedding.forward(x)));
  }
}

class Sorted extends Task {
  readonly encoder: TransformerEncoderLayer;

  constructor(rng: Rng) {
    super(rng);
    this.encoder = new TransformerEncoderLayer(FEATURES, 4, {
      feedForwardFeatures: 64,
      dropout: 0,
      rng,
    });
  }

  forward(x: Tensor): Tensor {
    return this.scores.forward(this.encoder.forward(this.embedding.forward(x)));
  }
}

/** Is told what it said so far, behind a symbol for the beginning, and looks at the sequence as its memory. */
class Copied extends Task {
  readonly decoder: TransformerDecoderLayer;
  readonly source: Embedding;

  constructor(rng: Rng) {
    super(rng);
    const options = { feedForwardFeatures: 64, dropout: 0.02, normFirst: true, rng };
    this.decoder = new TransformerDecoderLayer(FEATURES, 4, options);
    this.source = new Embedding(rng);
  }

  forward(x: Tensor, said: Tensor): Tensor {
    const memory = this.source.forward(x);
    const target = this.embedding.forward(said);
    return this.scores.forward(this.decoder.forward(target, memory, { target: { causal: true } }));
  }
}

it.each([
  ['MultiHeadAttention says a sequence backwards', Backwards, (s: number[]) => s.toReversed(), 250],
  ['TransformerEncoderLayer sorts', Sorted, (s: number[]) => s.toSorted((a, b) => a - b), 400],
  ['TransformerDecoderLayer copies', Copied, (s: number[]) => s, 250],
] as const)('%s', async (_, make, answer, steps) => {
  const rng = new Rng(5);
  const model: Task = new make(rng);
  const optimizer = new Adam(model, { learningRate: 5e-3 });
  let tensors = 0;
  const recent: number[] = [];
  for (let step = 0; step < steps; step++) {
    const shown = Array.from({ length: BATCH }, () =>
      Array.from({ length: LENGTH }, () => rng.nextInt(KINDS)),
    );
    const answers = shown.map(answer);
    const symbols = (rows: number[][]): Tensor => tensor(rows, [BATCH, LENGTH], 'int32');
    const x = symbols(shown);
    const said = symbols(answers.map((row) => [KINDS, ...row.slice(0, -1)]));
    const labels = tensor(answers.flat(), [BATCH * LENGTH], 'int32');
    const { value, grads } = valueAndGrad(
      () => losses.crossEntropy(reshape(model.forward(x, said), [BATCH * LENGTH, KINDS]), labels),
      model,
    )();
    optimizer.step(grads);
    recent.push((await value.data())[0] as number);
    for (const t of [x, said, labels, value, ...Object.values(grads)]) t.dispose();
    if (step === 0) tensors = memory().numTensors;
  }
  expect(memory().numTensors).toBe(tensors);
  const mean = recent.slice(-20).reduce((a, b) => a + b) / 20;
  // Guessing costs ln 6 = 1.79.
  expect(mean).toBeLessThan(0.2);
});
