/** A program while it is drawn: values to choose from, and random choices. */
import type { Rng } from '@stratajs/core';
import { shortest } from './elements.js';
import type { Program, ProgramDType, ProgramGradient, ProgramInput, Signature } from './program.js';
import { sizeOf } from './program.js';
import { drawElements } from './draw-elements.js';

/** A value of the program, and bounds that its elements keep. */
export interface Value extends Signature {
  readonly low: number;
  readonly high: number;
}

/** What a node takes and gives, as an operation's entry in the table draws it. */
export interface Drawn {
  readonly inputs: readonly Value[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly results: readonly Value[];
}

/** What an operation wants of an argument. */
export interface Want {
  /** Default: float32. */
  readonly dtype?: ProgramDType;
  /** Which shapes do. Default: all. */
  readonly fits?: (shape: readonly number[]) => boolean;
  /** The shape of a new input, where no value is taken. Default: any. */
  readonly shape?: () => readonly number[];
  /** Bounds of its elements. Default: WIDEST. */
  readonly low?: number;
  readonly high?: number;
}

interface DrawnNode extends Drawn {
  readonly op: string;
}

/** How large elements may get before they are clipped: far from overflow, also in gradients. */
export const WIDEST = 4096;

/** Of a value, unless more are asked for. */
export const MOST_ELEMENTS = 3000;

/** Sizes at which kernels change their ways: none, one, primes, neighbours of vector widths. */
const SIZES = [
  0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 19, 31, 32, 33, 63, 65,
];

/** Beside them, where more elements are allowed than by default. */
const LARGE_SIZES = [127, 129, 256, 513, 1025, 2047, 4099];

export class Drawing {
  readonly special: boolean;
  private readonly sizes: readonly number[];
  private readonly rng: Rng;
  private readonly mostElements: number;
  private readonly inputs: { value: Value; elements: ArrayLike<number> }[] = [];
  private readonly nodes: DrawnNode[] = [];

  /**
   * @param mostElements the most elements that a value has.
   * @param special whether inputs hold NaN, infinities, subnormal and huge numbers; then no value is
   * kept in bounds.
   */
  constructor(rng: Rng, mostElements: number, special: boolean) {
    this.rng = rng;
    this.mostElements = mostElements;
    this.special = special;
    this.sizes = mostElements > MOST_ELEMENTS ? [...SIZES, ...LARGE_SIZES] : SIZES;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return this.rng.nextInt(n);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(p: number): boolean {
    return this.rng.nextUniform() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  shuffled<T>(list: readonly T[]): T[] {
    return Array.from(this.rng.permutation(list.length), (i) => list[i]!);
  }

  /** A size from `least` to `most`. */
  size(least: number = 0, most: number = Infinity): number {
    return this.pick(this.sizes.filter((n) => n >= least && n <= most));
  }

  shape(leastRank: number = 0, mostRank: number = 5, leastSize: number = 0): number[] {
    const shape = Array.from({ length: this.between(leastRank, mostRank) }, () =>
      this.size(leastSize),
    );
    // Too many elements: the largest sizes become small ones.
    while (!this.holds(shape)) shape[shape.indexOf(Math.max(...shape))] = this.between(1, 3);
    return shape;
  }

  /** Whether a value may have this shape. */
  holds(shape: readonly number[]): boolean {
    return sizeOf(shape) <= this.mostElements && shape.length <= 6;
  }

  /** A shape that broadcasts with `shape` to `shape` itself. */
  broadcastable(shape: readonly number[]): number[] {
    const kept = this.chance(0.6) ? shape : shape.slice(this.below(shape.length + 1));
    return kept.map((d) => (this.chance(0.25) ? 1 : d));
  }

  /** An axis of a tensor of this rank, also counted from the end. */
  axis(rank: number): number {
    return this.between(-rank, rank - 1);
  }

  /** Some axes, each once; undefined stands for all. */
  axes(rank: number, least: number = 0): number[] {
    const count = this.between(Math.min(least, rank), rank);
    return this.shuffled(Array.from({ length: rank }, (_, i) => i))
      .slice(0, count)
      .map((i) => (this.chance(0.3) ? i - rank : i));
  }

  /** A value that a node before gave, where one fits, else a new input. */
  take({
    dtype = 'float32',
    fits = () => true,
    shape = () => this.shape(),
    low = -WIDEST,
    high = WIDEST,
  }: Want = {}): Value {
    const fitting = this.values().filter((v) => v.dtype === dtype && fits(v.shape));
    if (fitting.length === 0 || this.chance(0.2)) return this.input(shape(), dtype, low, high);
    // Late values are likelier, so that graphs are deep.
    const back = Math.floor(this.rng.nextUniform() ** 2 * fitting.length);
    return this.within(fitting[fitting.length - 1 - back]!, low, high);
  }

  /** A value of exactly this shape. */
  takeShape(shape: readonly number[], want: Omit<Want, 'fits' | 'shape'> = {}): Value {
    const same = (s: readonly number[]): boolean => String(s) === String(shape);
    return this.take({ ...want, fits: same, shape: () => shape });
  }

  /** A new input. */
  input(
    shape: readonly number[],
    dtype: ProgramDType = 'float32',
    low: number = -WIDEST,
    high: number = WIDEST,
  ): Value {
    const value: Value = { shape, dtype, low, high };
    this.inputs.push({ value, elements: drawElements(this, value) });
    return value;
  }

  /** An int32 input that holds these. */
  integers(shape: readonly number[], elements: readonly number[]): Value {
    const value: Value = {
      shape,
      dtype: 'int32',
      low: Math.min(0, ...elements),
      high: Math.max(0, ...elements),
    };
    this.inputs.push({ value, elements });
    return value;
  }

  /** Adds a node of what `draw` gives; leaves no trace, and says false, where it gives undefined. */
  grow(op: string, draw: () => Drawn | undefined): boolean {
    const [inputs, nodes] = [this.inputs.length, this.nodes.length];
    const drawn = draw();
    if (drawn) {
      this.nodes.push({ ...drawn, op });
    } else {
      this.inputs.length = inputs;
      this.nodes.length = nodes;
    }
    return drawn !== undefined;
  }

  /** A uniform number in [0, 1). */
  uniform(): number {
    return this.rng.nextUniform();
  }

  /** The value as it is where it keeps the bounds, else clipped. */
  private within(value: Value, least: number, most: number): Value {
    const { dtype, shape } = value;
    if (this.special || dtype === 'bool' || (value.low >= least && value.high <= most))
      return value;
    const [low, high] = dtype === 'int32' ? [Math.ceil(least), Math.floor(most)] : [least, most];
    const result: Value = {
      shape,
      dtype,
      low: Math.min(Math.max(value.low, low), high),
      high: Math.max(Math.min(value.high, high), low),
    };
    this.nodes.push({
      op: 'clip',
      inputs: [value],
      options: { min: low, max: high },
      results: [result],
    });
    return result;
  }

  private values(): Value[] {
    return [...this.inputs.map(({ value }) => value), ...this.nodes.flatMap((n) => n.results)];
  }

  /** The program, with the gradient of one of its values where it has one to take. */
  finish(withGradient: boolean): Program {
    const gradient = withGradient ? this.drawGradient() : undefined;
    const numbers = new Map(this.values().map((value, i) => [value, i]));
    const numberOf = (value: Value): number => numbers.get(value)!;
    const inputs: ProgramInput[] = this.inputs.map(({ value, elements }) => ({
      shape: [...value.shape],
      dtype: value.dtype,
      values: shortest(elements),
    }));
    return {
      inputs,
      nodes: this.nodes.map(({ op, inputs: taken, options = {}, results }) => ({
        op,
        inputs: taken.map(numberOf),
        options,
        results: results.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
      })),
      ...(gradient && {
        gradient: {
          of: numberOf(gradient.of),
          cotangent: numberOf(gradient.cotangent),
          inputs: gradient.inputs.map(numberOf),
        } satisfies ProgramGradient,
      }),
    };
  }

  private drawGradient(): { of: Value; cotangent: Value; inputs: Value[] } | undefined {
    const inputs = this.inputs.map(({ value }) => value).filter((v) => v.dtype === 'float32');
    const moving = new Set(inputs);
    for (const node of this.nodes) {
      if (!node.inputs.some((v) => moving.has(v))) continue;
      for (const result of node.results) if (result.dtype === 'float32') moving.add(result);
    }
    const results = [...moving].slice(inputs.length);
    if (results.length === 0) return undefined;
    const of = this.chance(0.7) ? results.at(-1)! : this.pick(results);
    return { of, cotangent: this.input(of.shape, 'float32', -1, 1), inputs };
  }
}
