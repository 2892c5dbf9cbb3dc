/** What one epoch of training came to. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps done since training began, this epoch's included. */
  readonly step: number;
  /** Mean over the epoch's samples, each at the weights of its own step. */
  readonly loss: number;
  /** The trainer's metrics over the epoch's samples, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Loss and metrics over the validation batches, at the weights of the epoch's end. */
  readonly validation?: Readonly<Record<string, number>>;
  /** The learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Spent on the epoch's steps; validation and checkpoints are not counted. */
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** What `fit()` resolves to. */
export interface History {
  /** Every epoch done, those before a resume included. */
  readonly epochs: readonly EpochRecord[];
  /** Steps done since training began. */
  readonly step: number;
  /** Spent on all steps. */
  readonly seconds: number;
  /** Whether `signal` ended training before all epochs were done. */
  readonly interrupted: boolean;
  /** The newest checkpoint of the run directory, or null where there is none. */
  readonly checkpoint: string | null;
  /** After an interruption: how to go on, in words; else null. */
  readonly howToResume: string | null;
}
