/** One network that learns: its parts, its steps, and what can be seen of it. */
import {
  add,
  argMax,
  assign,
  cast,
  compile,
  type Compiled,
  concat,
  createModel,
  dispose,
  equal,
  keep,
  memory,
  pad,
  register,
  Rng,
  scalar,
  softmax,
  State,
  stopGradient,
  sum,
  tensor,
  type Tensor,
  tidy,
  valueAndGrad,
} from '@stratajs/core';
import { type Batch, Loader } from '@stratajs/data';
import { losses, type Module } from '@stratajs/layers';
import { Adam, type Optimizer, SGD } from '@stratajs/optimizers';
import {
  captureCheckpoint,
  type CaptureOptions,
  type Checkpoint,
  restoreCheckpoint,
  saveCheckpoint,
} from '@stratajs/train';
import { vision } from '@stratajs/vision';
import type { Evaluation, Filters, Progress, Settings } from '../protocol.js';
import type { Images } from './datasets.js';
import { filtersOf } from './filters.js';

type Classifier = Module & { forward(x: Tensor): Tensor };

const SEED = 1;
const CLASSES = 10;

register(vision);

export class Training {
  readonly settings: Settings;
  /** Numbers in the parameters. */
  readonly parameters: number;
  step = 0;
  private readonly model: Classifier;
  private readonly optimizer: Optimizer;
  private readonly loader: Loader;
  private readonly held: Loader;
  private readonly lossSum: State = tidy(() => new State(scalar(0)));
  private readonly rightSum: State = tidy(() => new State(scalar(0)));
  private readonly program: Compiled<[Tensor, Tensor], Tensor>;
  private readonly first = (x: Tensor, y: Tensor): Tensor => tidy(() => this.learn(x, y));
  private epoch = 0;
  private batches: IterableIterator<Batch>;

  constructor(settings: Settings, { train, test }: Images) {
    this.settings = settings;
    const { model, optimizer, learningRate, batchSize } = settings;
    this.model = createModel(model, {}, { rng: new Rng(SEED) }) as Classifier;
    this.optimizer =
      optimizer === 'adam'
        ? new Adam(this.model, { learningRate })
        : new SGD(this.model, { learningRate, momentum: 0.9 });
    this.loader = new Loader(train, { batchSize, dropLast: true, seed: SEED });
    this.held = new Loader(test, { batchSize: 200, shuffle: false });
    this.batches = this.loader.epoch(0);
    this.parameters = [...this.model.parameters()].reduce((n, p) => n + p.size, 0);
    this.program = compile((x, y) => this.learn(x, y), { name: 'The step of the playground' });
  }

  /** Takes so many steps, and reads what they gave once. */
  async advance(steps: number): Promise<Progress> {
    const start = performance.now();
    for (let i = 0; i < steps; i++) {
      const { x, y } = this.nextBatch();
      try {
        // The very first is not recorded: it is there sooner.
        const step = this.step === 0 ? this.first : this.program;
        step(x, y).dispose();
      } finally {
        dispose([x, y]);
      }
      this.step++;
    }
    const [loss, right] = await this.readTotals();
    const { numTensors, numBytes } = memory();
    return {
      step: this.step,
      epoch: this.epoch,
      loss: loss / steps,
      accuracy: right / (steps * this.settings.batchSize),
      stepsPerSecond: (1000 * steps) / (performance.now() - start),
      tensors: numTensors,
      bytes: numBytes,
    };
  }

  /** What the network makes of the images that it does not learn from. */
  async evaluate(): Promise<Evaluation> {
    const confusion = Array.from({ length: CLASSES }, () => Array<number>(CLASSES).fill(0));
    let right = 0;
    let seen = 0;
    for (const { x, y } of this.held.epoch(0)) {
      const guess = this.inference(() => argMax(this.scores(x), -1));
      const [guesses, labels] = (await Promise.all([guess.data(), y.data()])) as Int32Array[];
      dispose([guess, x, y]);
      labels!.forEach((label, i) => {
        confusion[label]![guesses![i]!]! += 1;
        if (label === guesses![i]) right++;
        seen++;
      });
    }
    return { step: this.step, accuracy: right / seen, confusion };
  }

  /** The probability of each class for one image of 28x28 values in [0, 1]. */
  async predict(pixels: Float32Array): Promise<number[]> {
    const p = this.inference(() => softmax(this.scores(tensor(pixels, [1, 28, 28, 1])), -1));
    const values = Array.from((await p.data()) as Float32Array);
    p.dispose();
    return values;
  }

  async filters(): Promise<Filters> {
    const [first] = [...this.model.parameters()].filter((p) => p.shape.length > 1);
    const values = tidy(() => first!.value);
    const data = (await values.data()) as Float32Array;
    values.dispose();
    return filtersOf(data, first!.shape);
  }

  /** Where it stands, on the host. */
  capture(): Promise<Checkpoint> {
    return captureCheckpoint(this.parts());
  }

  /** Into a directory of checkpoints; gives the step. */
  async save(directory: string): Promise<number> {
    const parts = this.parts();
    await saveCheckpoint(directory, { ...parts, keepLast: 1 });
    return parts.step;
  }

  /** @throws CheckpointError for a checkpoint that does not fit, with nothing changed. */
  restore(checkpoint: Checkpoint): void {
    const { model, optimizer, loader } = this;
    restoreCheckpoint(checkpoint, { model, optimizer, loader });
    this.step = checkpoint.step;
    this.epoch = loader.state().epoch;
    this.batches = loader.epoch(this.epoch);
  }

  dispose(): void {
    this.program.dispose();
    dispose([this.model, this.optimizer, this.lossSum, this.rightSum]);
  }

  /** One step, nothing of which is read: the sums of losses and hits stay on the device. */
  private learn(x: Tensor, y: Tensor): Tensor {
    let scores: Tensor | undefined;
    const { value, grads } = valueAndGrad(() => {
      const output = this.scores(x);
      scores = keep(stopGradient(output));
      return losses.crossEntropy(output, y);
    }, this.model)();
    this.optimizer.step(grads);
    const right = sum(cast(equal(argMax(scores!, -1), y), 'float32'));
    scores!.dispose();
    assign(this.lossSum, add(this.lossSum.value, value));
    assign(this.rightSum, add(this.rightSum.value, right));
    return value;
  }

  /** resnet20 is made for photographs: a digit gets a margin, and three equal colours. */
  private scores(x: Tensor): Tensor {
    if (this.settings.model !== 'resnet20') return this.model.forward(x);
    const margin = pad(x, [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ]);
    return this.model.forward(concat([margin, margin, margin], 3));
  }

  private parts(): CaptureOptions {
    const { model, optimizer, loader, step, settings } = this;
    return { model, optimizer, loader, step, config: { settings: { ...settings } } };
  }

  private inference(run: () => Tensor): Tensor {
    this.model.eval();
    try {
      return tidy(run);
    } finally {
      this.model.train();
    }
  }

  private nextBatch(): Batch {
    let next = this.batches.next();
    if (next.done === true) {
      this.batches = this.loader.epoch(++this.epoch);
      next = this.batches.next();
    }
    return next.value as Batch;
  }

  private async readTotals(): Promise<[loss: number, right: number]> {
    const totals = tidy(() => [this.lossSum.value, this.rightSum.value]);
    tidy(() => {
      assign(this.lossSum, scalar(0));
      assign(this.rightSum, scalar(0));
    });
    const [loss, right] = await Promise.all(totals.map((t) => t.data()));
    dispose(totals);
    return [(loss as Float32Array)[0]!, (right as Float32Array)[0]!];
  }
}
