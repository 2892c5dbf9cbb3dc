import { captureCheckpoint, type CaptureOptions, checkAtLeast } from './capture.js';
import { encodeTensors } from './host-tensor.js';
import { publish } from './publish.js';
import { stateOf, trainingTensors } from './saved-state.js';

export interface SaveOptions extends CaptureOptions {
  /** How many checkpoints the directory keeps: the newest ones. Default 3. */
  readonly keepLast?: number;
}

/**
 * Writes a checkpoint `<directory>/step-<step>`: the model's states, and what else is given, of
 * optimizer slots and settings, loader position and generators of random numbers. The default
 * generator is always saved. `loadCheckpoint()` with the same parts puts training back exactly here.
 *
 *     await saveCheckpoint('runs/mine/checkpoints', { model, optimizer, loader, step });
 *
 * A process killed at any moment, also while renaming, leaves earlier checkpoints whole.
 *
 * @returns the path of the checkpoint.
 * @throws CheckpointError when it cannot be written; ConfigError for a bad step or keepLast.
 */
export async function saveCheckpoint(directory: string, options: SaveOptions): Promise<string> {
  const { keepLast = 3 } = options;
  if (keepLast !== Infinity) checkAtLeast(1, keepLast, 'keepLast');
  const checkpoint = await captureCheckpoint(options);
  return publish(
    directory,
    checkpoint.step,
    {
      'model.safetensors': encodeTensors(checkpoint.model, {
        format: 'strata',
        layouts: JSON.stringify(checkpoint.layouts),
      }),
      'training.safetensors': encodeTensors(trainingTensors(checkpoint), { format: 'strata' }),
      'state.json': new TextEncoder().encode(`${JSON.stringify(stateOf(checkpoint), null, 2)}\n`),
    },
    keepLast,
  );
}
