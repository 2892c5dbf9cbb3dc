/** What the page may ask of the worker. Requests that change something wait for each other; training stops for them and goes on. */
import { BackendError, CheckpointError } from '@stratajs/core';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  latestCheckpoint,
  readCheckpoint,
} from '@stratajs/train';
import {
  type Choice,
  type DataId,
  DEFAULTS,
  type EngineId,
  type Listener,
  type Opened,
  type Settings,
} from '../protocol.js';
import { dataChoices, type Images, loadImages } from './datasets.js';
import { engineChoices, openEngine, whyNot } from './engines.js';
import { Training } from './training.js';

const SAVED = 'playground';
/** Reports are this far apart, in seconds. */
const PACE = 0.25;
/** Held-out images are looked at, and a way back is kept, every so many reports. */
const REPORTS_PER_LOOK = 8;

export class Session {
  private listener!: Listener;
  private training: Training | null = null;
  private images: { readonly id: DataId; readonly images: Images } | null = null;
  private device = '';
  private engine: EngineId | null = null;
  /** Where training stood when it was last well, for an engine that is lost. */
  private wayBack: Checkpoint | null = null;
  private running: Promise<void> | null = null;
  private wanted = false;
  private queue: Promise<unknown> = Promise.resolve();

  listen(listener: Listener): void {
    this.listener = listener;
  }

  engines(): Promise<Choice<EngineId>[]> {
    return engineChoices();
  }

  dataSets(): Promise<Choice<DataId>[]> {
    return dataChoices();
  }

  /** Begins anew. */
  open(settings: Settings): Promise<Opened> {
    return this.alone(async () => {
      this.listener.status('preparing', '');
      await this.make(settings);
      return this.opened();
    });
  }

  /** The same network, at the same step, on another engine. */
  moveTo(engine: EngineId): Promise<Opened> {
    return this.alone(async () => {
      const settings = { ...this.current().settings, engine };
      // Of an engine that is gone nothing can be read any more.
      const checkpoint = await this.current()
        .capture()
        .catch((error: unknown) => {
          if (this.wayBack !== null && error instanceof BackendError) return this.wayBack;
          throw error;
        });
      return this.takeUp(settings, checkpoint);
    });
  }

  run(): void {
    this.wanted = true;
    this.running ??= this.loop().finally(() => (this.running = null));
  }

  async pause(): Promise<void> {
    this.wanted = false;
    await this.running;
  }

  predict(pixels: Float32Array): Promise<number[]> {
    return this.current().predict(pixels);
  }

  /** Into this browser; gives the step. */
  save(): Promise<number> {
    return this.alone(() => this.current().save(SAVED));
  }

  /** Goes on from what was saved last. */
  load(): Promise<Opened> {
    return this.alone(async () => {
      const path = await latestCheckpoint(SAVED);
      if (path === null) {
        throw new CheckpointError('Nothing has been saved in this browser yet. Save first.');
      }
      return this.takeUp(null, await readCheckpoint(path));
    });
  }

  /** A file to keep. */
  download(): Promise<Uint8Array> {
    return this.alone(async () => encodeCheckpoint(await this.current().capture()));
  }

  /** Goes on from a file. What it does not fit, it leaves as it is. */
  take(bytes: Uint8Array, name: string): Promise<Opened> {
    return this.alone(async () => this.takeUp(null, await decodeCheckpoint(bytes, name)));
  }

  private async loop(): Promise<void> {
    const training = this.current();
    this.listener.status('training', '');
    let steps = 1;
    let reports = 0;
    try {
      while (this.wanted) {
        const progress = await training.advance(steps);
        this.listener.progress(progress);
        steps = Math.min(200, Math.max(1, Math.round(progress.stepsPerSecond * PACE)));
        if (reports++ % REPORTS_PER_LOOK === 0) await this.look(training);
        await requestsMayCome();
      }
      await this.look(training);
      this.listener.status('paused', '');
    } catch (error) {
      this.wanted = false;
      const status = error instanceof BackendError ? 'lost' : 'failed';
      this.listener.status(status, error instanceof Error ? error.message : String(error));
    }
  }

  private async look(training: Training): Promise<void> {
    this.listener.evaluation(await training.evaluate());
    this.listener.filters(await training.filters());
    this.wayBack = await training.capture();
  }

  /** Builds what the checkpoint was taken of, puts it back, and only then lets go of what was there. */
  private async takeUp(settings: Settings | null, checkpoint: Checkpoint): Promise<Opened> {
    const engine = this.engine ?? DEFAULTS.engine;
    const wanted = settings ?? { ...settingsOf(checkpoint), engine };
    await this.make(wanted, checkpoint);
    await this.look(this.current());
    this.listener.status('paused', '');
    return this.opened();
  }

  private async make(settings: Settings, checkpoint?: Checkpoint): Promise<void> {
    const { engine, data } = settings;
    const before = this.training;
    const moves = engine !== this.engine || checkpoint === undefined;
    const [images] = await Promise.all([this.imagesOf(data), moves && this.openEngine(engine)]);
    const next = new Training(settings, images);
    try {
      if (checkpoint !== undefined) next.restore(checkpoint);
    } catch (error) {
      next.dispose();
      throw error;
    }
    this.training = next;
    // Tensors of an engine that was closed are gone with it.
    if (!moves) before?.dispose();
  }

  private async imagesOf(id: DataId): Promise<Images> {
    if (this.images?.id !== id) {
      const tell = (what: string): void => this.listener.waiting(what);
      try {
        this.images = { id, images: await loadImages(id, tell) };
      } finally {
        tell('');
      }
    }
    return this.images.images;
  }

  private async openEngine(engine: EngineId): Promise<void> {
    // Where nothing runs yet, use() asks.
    const reason = this.engine === null ? null : await whyNot(engine);
    if (reason !== null) throw new BackendError(`This engine cannot run here: ${reason}.`);
    this.engine = null;
    this.device = await openEngine(engine);
    this.engine = engine;
  }

  private opened(): Opened {
    const { settings, step, parameters } = this.current();
    return { settings, step, parameters, device: this.device };
  }

  private current(): Training {
    if (this.training === null)
      throw new BackendError('No network is there yet. Choose an engine.');
    return this.training;
  }

  /** Runs `work` while nothing else changes anything, then goes on with training if it was under way. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(async () => {
      const goesOn = this.wanted;
      await this.pause();
      try {
        return await work();
      } finally {
        if (goesOn) this.run();
      }
    });
    this.queue = turn.catch(() => {});
    return turn;
  }
}

function settingsOf({ path, config }: Checkpoint): Settings {
  const settings = config['settings'] as Partial<Settings> | undefined;
  const known = Object.keys(DEFAULTS).every(
    (key) => settings?.[key as keyof Settings] !== undefined,
  );
  if (!known) {
    throw new CheckpointError(
      `The playground goes on from checkpoints that it wrote itself. Received: ${path}, which does not say what network it is of.`,
    );
  }
  return settings as Settings;
}

const channel = new MessageChannel();

/** Ends the task in hand, so that messages are heard. Unlike a timer it is not slowed down in a tab that nobody sees. */
function requestsMayCome(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.addEventListener('message', () => resolve(), { once: true });
    channel.port1.start();
    channel.port2.postMessage(null);
  });
}
