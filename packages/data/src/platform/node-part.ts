/**
 * Unfinished downloads on disk.
 *
 * A part is named `<file>.<process>-<thread>.part`, so that two programs that fetch one file never
 * write into each other's bytes. A part whose process has died is taken over: renaming is atomic, so
 * of several takers one wins.
 */
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Part } from './platform.js';

export async function openPart(path: string): Promise<Part> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const own = `${path}.${process.pid}-${threadId}.part`;
  const abandoned = await abandonedParts(path);
  for (const part of abandoned) {
    const taken = await rename(part, own).then(
      () => true,
      () => false,
    );
    if (taken) break;
  }
  const file = await open(own, 'a+');
  return new NodePart(path, own, file, (await file.stat()).size);
}

class NodePart implements Part {
  size: number;
  private readonly path: string;
  private readonly own: string;
  private readonly file: FileHandle;

  constructor(path: string, own: string, file: FileHandle, size: number) {
    this.path = path;
    this.own = own;
    this.file = file;
    this.size = size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.file.appendFile(bytes);
    this.size += bytes.length;
  }

  async read(): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.size);
    let from = 0;
    while (from < bytes.length) {
      const { bytesRead } = await this.file.read(bytes, from, bytes.length - from, from);
      if (bytesRead === 0) return bytes.subarray(0, from);
      from += bytesRead;
    }
    return bytes;
  }

  async clear(): Promise<void> {
    await this.file.truncate(0);
    this.size = 0;
  }

  async commit(): Promise<void> {
    await this.file.sync();
    await rename(this.own, this.path);
    // The new name is durable only once the folder is; where folders cannot be opened (Windows), the
    // rename alone must do.
    const folder = await open(dirname(this.path)).catch(() => undefined);
    await folder?.sync().catch(() => {});
    await folder?.close();
    for (const part of await abandonedParts(this.path)) await rm(part, { force: true });
  }

  async close(): Promise<void> {
    await this.file.close();
    if (this.size === 0) await rm(this.own, { force: true });
  }
}

/** Parts of `path` whose process no longer runs. */
async function abandonedParts(path: string): Promise<string[]> {
  const prefix = `${basename(path)}.`;
  const parts: string[] = [];
  for (const name of await readdir(dirname(path))) {
    const owner = name.startsWith(prefix) && /^(\d+)-\d+\.part$/.exec(name.slice(prefix.length));
    if (owner && !isRunning(Number(owner[1]))) parts.push(join(dirname(path), name));
  }
  return parts;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as { code?: string }).code === 'EPERM';
  }
}
