import { ConfigError } from '@stratajs/core';
import { files } from '#platform';
import { listCheckpoints } from './checkpoint/names.js';
import type { Json, JsonObject } from './json.js';

/**
 * A run on disk:
 *
 *     config.json      what made it
 *     metrics.jsonl    a line for each epoch and for every so many steps
 *     checkpoints/     step-000100/, step-000200/, …
 */
export class RunDirectory {
  readonly path: string;
  readonly checkpoints: string;
  private readonly config: string;
  private readonly log: string;
  private lines = 0;

  constructor(path: string) {
    this.path = path;
    this.checkpoints = files.join(path, 'checkpoints');
    this.config = files.join(path, 'config.json');
    this.log = files.join(path, 'metrics.jsonl');
  }

  /** Lines of metrics.jsonl that belong to the run so far; a checkpoint remembers it. */
  get logLines(): number {
    return this.lines;
  }

  /** @throws ConfigError when a run with checkpoints is there: a new one would mix with it. */
  async refuseOccupied(): Promise<void> {
    const newest = (await listCheckpoints(this.checkpoints)).at(-1);
    if (!newest) return;
    throw new ConfigError(
      `A new run needs a directory of its own. Received: ${this.path}, where a run has reached step ${newest.step}. ` +
        'Pass { resume: true } to go on with it, choose another runDir, or delete that one.',
    );
  }

  /**
   * Begins a run, which writes config.json, or takes one up. metrics.jsonl is cut to its first
   * `logLines` lines, so that what a killed run wrote after its last checkpoint does not stand there twice.
   */
  async open(config: JsonObject, logLines: number, begins: boolean): Promise<void> {
    await files.makeDirectory(this.checkpoints);
    if (begins || !(await files.read(this.config))) {
      await this.replace(this.config, `${JSON.stringify(config, null, 2)}\n`);
    }
    const text = new TextDecoder().decode((await files.read(this.log)) ?? new Uint8Array());
    // Without the piece after the last line feed: a line that was cut off while being written.
    const complete = text.split('\n').slice(0, -1).slice(0, logLines);
    this.lines = complete.length;
    const kept = complete.map((line) => `${line}\n`).join('');
    if (kept !== text) await this.replace(this.log, kept);
  }

  async append(line: Json): Promise<void> {
    await files.append(this.log, `${JSON.stringify(line)}\n`);
    this.lines++;
  }

  /** Waits until the disk has the log: a checkpoint that counts its lines must not be there before them. */
  async sync(): Promise<void> {
    if (this.lines > 0) await files.sync(this.log);
  }

  /** Old content or new, never a piece of it. */
  private async replace(path: string, text: string): Promise<void> {
    await files.write(`${path}.tmp`, new TextEncoder().encode(text));
    await files.rename(`${path}.tmp`, path);
    await files.sync(this.path);
  }
}
