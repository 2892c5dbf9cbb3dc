/** What is known of a data set before it is loaded. */
export interface DatasetInfo {
  readonly name: string;
  readonly description: string;
  readonly classNames: readonly string[];
  /** Of one example. */
  readonly shape: readonly number[];
  /** Number of examples. */
  readonly train: number;
  readonly test: number;
  /** Of the values scaled to [0, 1], per channel, over the training examples. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly licence: string;
  readonly home: string;
}
