/// <reference lib="dom" />
/**
 * Downloads in the browser's Cache API: whole files under an address of their own, and what has arrived of unfinished ones
 * in pieces beside it, so that a page that was left or reloaded goes on where it stopped. Where nothing may be stored, or no
 * room is left, a download lives as long as the page, and is made again next time.
 */
import type { Part } from './platform.js';

type Pieces = Pick<Cache, 'match' | 'put' | 'delete'>;

/** Bytes of a piece: a page that is left in mid-download loses less than that. */
const PIECE = 2 ** 20;

/** What arrived in this page and could not be stored. */
const unstored = new Map<string, Uint8Array[]>();

export async function readWhole(path: string): Promise<Uint8Array | undefined> {
  const { cache, url } = await locate(path);
  const response = await cache?.match(url);
  return response && new Uint8Array(await response.arrayBuffer());
}

/** Takes up what is left of an earlier download of `path`. */
export async function openCachedPart(path: string): Promise<Part> {
  const { cache, url } = await locate(path);
  const chunks: Uint8Array[] = [];
  for (
    let piece = await pieceOf(cache, url, 0);
    piece;
    piece = await pieceOf(cache, url, chunks.length)
  )
    chunks.push(piece);
  return new CachedPart(path, cache, url, chunks);
}

class CachedPart implements Part {
  size: number;
  private readonly path: string;
  private readonly url: string;
  private readonly cache: Pieces | null;
  private isFull = false;
  private isDone = false;
  /** The first `stored` of them are in the cache. */
  private readonly chunks: Uint8Array[];
  private stored: number;

  constructor(path: string, cache: Pieces | null, url: string, stored: readonly Uint8Array[]) {
    this.path = path;
    this.cache = cache;
    this.url = url;
    this.chunks = [...stored, ...(unstored.get(path) ?? [])];
    this.stored = stored.length;
    this.size = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.chunks.push(bytes);
    this.size += bytes.length;
    const waiting = this.chunks.slice(this.stored).reduce((sum, chunk) => sum + chunk.length, 0);
    if (waiting >= PIECE) await this.store();
  }

  async read(): Promise<Uint8Array> {
    return joined(this.chunks);
  }

  async clear(): Promise<void> {
    await this.forgetPieces();
    this.chunks.length = 0;
    this.size = 0;
  }

  async commit(): Promise<void> {
    try {
      await this.cache?.put(this.url, new Response(joined(this.chunks)));
    } catch (error) {
      console.warn(
        `A downloaded data set cannot be kept in this browser, and will be downloaded again next time: ${String(error)}`,
      );
    }
    await this.forgetPieces();
    this.isDone = true;
  }

  async close(): Promise<void> {
    if (!this.isDone) await this.store();
    const rest = this.isDone ? [] : this.chunks.slice(this.stored);
    if (rest.length > 0) unstored.set(this.path, rest);
    else unstored.delete(this.path);
  }

  /** Puts what waits into the cache, as one more piece. */
  private async store(): Promise<void> {
    const waiting = this.chunks.slice(this.stored);
    if (this.cache === null || this.isFull || waiting.length === 0) return;
    const piece = joined(waiting);
    try {
      await this.cache.put(pieceUrl(this.url, this.stored), new Response(piece));
      this.chunks.splice(this.stored, waiting.length, piece);
      this.stored++;
    } catch {
      // The page keeps it, as long as it lives.
      this.isFull = true;
    }
  }

  private async forgetPieces(): Promise<void> {
    for (let n = 0; n < this.stored; n++) await this.cache?.delete(pieceUrl(this.url, n));
    this.stored = 0;
  }
}

async function pieceOf(
  cache: Pieces | null,
  url: string,
  number: number,
): Promise<Uint8Array | undefined> {
  const response = await cache?.match(pieceUrl(url, number));
  return response && new Uint8Array(await response.arrayBuffer());
}

const pieceUrl = (url: string, number: number): string => `${url}?piece=${number}`;

/** `<cache>/<set>/<file>` as a named cache and a key in it, which must be a URL. No cache where there is none, or none is allowed. */
async function locate(path: string): Promise<{ cache: Pieces | null; url: string }> {
  const slash = path.indexOf('/');
  const { caches } = globalThis as { caches?: CacheStorage };
  const cache = await caches?.open(path.slice(0, slash)).catch(() => null);
  return { cache: cache ?? null, url: `https://data.strata.invalid${path.slice(slash)}` };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
