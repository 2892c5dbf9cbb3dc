/**
 * The plugin interface: what an engine and a model family must offer, and nothing else. Small, and
 * frozen within a major version.
 */
import type { Rng } from './random/rng.js';
import type { Program } from './compile/program.js';
import type { ModuleLike } from './module-like.js';
import type { Tensor } from './tensor.js';

/** The version of this interface; a plugin of another one is refused with both named. */
export const PLUGIN_SPEC = 'v1' as const;

export interface PluginBase {
  readonly spec: typeof PLUGIN_SPEC;
  /** Lower case, with hyphens. Open: code that is shared never branches on it. */
  readonly name: string;
}

/** What an engine says of itself once it runs. */
export interface DeviceInfo {
  /** The way it runs here, for example 'native', 'wasm', 'javascript', 'webgl2'. */
  readonly tier: string;
  /** For a person: the processor or GPU, driver, instruction set. */
  readonly description: string;
  /** Why no better tier runs, or null when this is the best. */
  readonly whyNotHigher: string | null;
  /** Worker threads that compute, where the engine has them. */
  readonly threads?: number;
  /** Whether a read waits for a device that computes apart from the program: then reads should be rare. Default false. */
  readonly readsStall?: boolean;
  /** Instruction set in use, where the engine chooses one. */
  readonly isa?: string;
  readonly [more: string]: unknown;
}

export type {
  Instruction,
  KernelCall,
  Program,
  ProgramDraw,
  ProgramValue,
  StateWrite,
  ValueSource,
} from './compile/program.js';

/** What an engine made of a program, for `explain()`. */
export interface ExecutableExplanation {
  /** Chains of element-wise kernels that run block by block. */
  readonly fusedGroups: number;
  /** Those of them that take up rows of a product, a convolution or a normalization while the rest is computed. */
  readonly followingGroups: number;
  /** How often a run enters native code, and the calls of native kernels that it makes there. */
  readonly nativeStages: number;
  readonly nativeCalls: number;
  /** Memory of temporary results, in bytes. */
  readonly arenaBytes: number;
  /** The kernels that run in JavaScript, each with the reason. */
  readonly hostKernels: Readonly<Record<string, string>>;
}

/** A program that an engine has made ready to run. */
export interface Executable {
  /** Runs it with these arguments. The results belong to the caller, States hold what the program wrote. */
  run(args: readonly Tensor[]): Tensor[];
  /** What it will do, where there is more to say than the program does. */
  explain?(): ExecutableExplanation;
  /** Frees what it holds beside the program's constants, which are core's. */
  dispose(): void;
}

/** An engine that has been opened. */
export interface OpenBackend {
  describe(): DeviceInfo;
  /** For engines with a compiler of their own; others have programs replayed kernel by kernel. */
  compile?(program: Program): Executable;
  close(): Promise<void>;
}

/**
 * An engine. `open()` registers a tfjs backend and its kernels under `name`. A read (`data()`) must
 * return memory of its own, and a kernel may write into an input's buffer only when the engine's
 * `refCount` for it is 1 and the kernel's contract says that the input is donated.
 */
export interface BackendPlugin extends PluginBase {
  readonly kind: 'backend';
  /** What stays unrunnable on this engine after host copies and composites, each with the reason. */
  readonly gaps: Readonly<Record<string, string>>;
  /** Why it cannot run here, or null when it can. Never throws. */
  probe(): Promise<string | null>;
  /** Registers kernels under `name`; called once by use(). */
  open(): Promise<OpenBackend>;
}

export type ModelTask = string;

export type ModelOptions = Readonly<Record<string, number | string | boolean | readonly number[]>>;

export interface ModelEntry {
  /** What the model does, for example 'classification'. */
  readonly task: ModelTask;
  /** Authors, title, year of the paper that describes it. */
  readonly paper: string;
  /** Every option with its default; an unknown option is refused. */
  readonly options: ModelOptions;
  create(options: ModelOptions, rng: Rng): ModuleLike;
  /** A valid input for a model made with these options: its shape with batch size 2, and what fills it. */
  readonly exampleInput: (options: ModelOptions) => ExampleInput;
  /** Number of trainable values with the default options. */
  readonly parameterCount: number;
}

export interface ExampleInput {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** int32 inputs (token ids) lie in [0, below). */
  readonly below?: number;
}

export interface ModelFamily extends PluginBase {
  readonly kind: 'models';
  /** id (kebab-case) → what makes the model. */
  readonly models: Readonly<Record<string, ModelEntry>>;
}

/** A model that can be called with one tensor. */
export interface CallableModel extends ModuleLike {
  forward(x: Tensor): Tensor;
}
