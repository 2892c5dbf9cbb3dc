import type { SingleBar } from 'cli-progress';
import type { Callbacks } from '../callbacks.js';
import {
  durationText,
  epochText,
  rateText,
  secondsLeft,
  valuesText,
} from '../progress/progress-text.js';

/** Where progress goes: `process.stderr`, or a stand-in for it. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Redrawn so often on a terminal, in ms: every drawing reads loss and metrics from the device. */
const REDRAW = 100;
/** One line so often, in ms, where each stays: a log. */
const LINE = 10_000;

/**
 * Progress of `fit()`: loss and metrics of the epoch so far, samples per second, time left. On a
 * terminal a bar that is redrawn, and a line for each epoch done; elsewhere plain lines.
 *
 * @param now milliseconds of a clock.
 */
export function createProgress(
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Callbacks {
  const isTerminal = stream.isTTY === true;
  let epochs = 0;
  let batches = 0;
  let last = now();
  let bar: SingleBar | null = null;

  const stop = (): void => {
    bar?.stop();
    bar = null;
  };

  return {
    onFitStart(event) {
      epochs = event.epochs;
      batches = event.batchesPerEpoch ?? 0;
      if (event.resumedFrom)
        stream.write(`Resumed from ${event.resumedFrom}, step ${event.step}.\n`);
    },

    async onEpochStart({ epoch }) {
      last = now();
      if (!isTerminal) return;
      // Only here: neither a browser nor a log needs it.
      const { default: cliProgress } = await import('cli-progress');
      bar = new cliProgress.SingleBar({
        stream,
        format: `Epoch ${epoch}/${epochs} {bar} {percentage}% · {words}`,
        barsize: 24,
        barCompleteChar: '━',
        barIncompleteChar: '─',
        clearOnComplete: true,
      });
      bar.start(batches, 0, { words: '' });
    },

    async onStepEnd({ epoch, batch, samples, seconds, metrics }) {
      if (now() - last < (isTerminal ? REDRAW : LINE) || batch === batches) return;
      const words = [
        valuesText(await metrics()),
        rateText(samples / seconds),
        `${durationText(secondsLeft({ epoch, batch, seconds }, epochs, batches))} left`,
      ].join(' · ');
      if (bar) bar.update(batch, { words });
      else
        stream.write(
          `Epoch ${epoch}/${epochs} · ${Math.floor((100 * batch) / batches)}% · ${words}\n`,
        );
      // From the end of the drawing, so that a slow one does not follow itself at once.
      last = now();
    },

    onEpochEnd(record) {
      stop();
      stream.write(`${epochText(record, epochs)}\n`);
    },

    onFitEnd({ interrupted, step, checkpoint }) {
      stop();
      if (!interrupted) return;
      stream.write(
        `Interrupted after step ${step}; ${checkpoint ? `saved as ${checkpoint}` : 'nothing was saved'}.\n`,
      );
    },

    onFitFailed: stop,
  };
}
