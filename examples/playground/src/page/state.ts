/** What the page shows. Components read these signals; actions.ts alone writes them. */
import { type Signal, signal } from '@preact/signals';
import {
  type Choice,
  type DataId,
  DEFAULTS,
  type EngineId,
  type Evaluation,
  type Filters,
  type Opened,
  type Progress,
  type Settings,
  type Status,
} from '../protocol.js';

export const engines: Signal<readonly Choice<EngineId>[]> = signal([]);
export const dataSets: Signal<readonly Choice<DataId>[]> = signal([]);
/** What is chosen; `opened` is what runs. */
export const settings: Signal<Settings> = signal(DEFAULTS);
export const opened: Signal<Opened | null> = signal(null);
export const status: Signal<Status> = signal('preparing');
/** What is waited for, '' where nothing is. */
export const waiting: Signal<string> = signal('');
export const history: Signal<readonly Progress[]> = signal([]);
export const evaluations: Signal<readonly Evaluation[]> = signal([]);
export const filters: Signal<Filters | null> = signal(null);
/** Seconds from the load of the page to the first step. */
export const firstStep: Signal<number | null> = signal(null);
export const notice: Signal<Notice | null> = signal(null);
export const question: Signal<Question | null> = signal(null);
export const probabilities: Signal<readonly number[] | null> = signal(null);

export interface Notice {
  readonly kind: 'error' | 'done';
  readonly text: string;
}

/** Asked in a dialog. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly answers: readonly { readonly id: string; readonly label: string }[];
  /** null when it is dismissed. */
  readonly answer: (id: string | null) => void;
}
