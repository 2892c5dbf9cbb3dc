/**
 * The browser: no environment, a data directory that is a URL, downloads in the Cache API. Where a
 * page has no Cache API (an insecure origin), a download lives as long as the page.
 */
import { DataError } from '@stratajs/core';
import type { Part, Platform } from './platform.js';

/** The part of the Cache API that is used; Node's types do not know it. */
interface PageCaches {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>;
    put(url: string, response: Response): Promise<void>;
  }>;
}

/** Parts of downloads that failed, so that a second try in this page goes on from there. */
const parts = new Map<string, Uint8Array[]>();

export const platform: Platform = {
  setting: () => undefined,
  defaultCache: () => 'strata-data',
  join: (...names) => names.map((name) => name.replace(/\/+$/, '')).join('/'),

  async readFile(url) {
    const response = await fetch(url);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new DataError(`Cannot read ${url}: HTTP ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  },

  async readCached(path) {
    const { cache, url } = await locate(path);
    const response = await cache?.match(url);
    return response && new Uint8Array(await response.arrayBuffer());
  },

  async openPart(path) {
    const chunks = parts.get(path) ?? [];
    parts.set(path, chunks);
    return new MemoryPart(path, chunks);
  },

  async sha256(bytes) {
    if (globalThis.crypto?.subtle === undefined) {
      throw new DataError(
        'Checksums need crypto.subtle, which browsers offer on secure origins only. ' +
          'Serve the page over https or from localhost.',
      );
    }
    const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
  },
};

class MemoryPart implements Part {
  size: number;
  private readonly path: string;
  private readonly chunks: Uint8Array[];

  constructor(path: string, chunks: Uint8Array[]) {
    this.path = path;
    this.chunks = chunks;
    this.size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.chunks.push(bytes);
    this.size += bytes.length;
  }

  async read(): Promise<Uint8Array> {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  async clear(): Promise<void> {
    this.chunks.length = 0;
    this.size = 0;
  }

  async commit(): Promise<void> {
    const { cache, url } = await locate(this.path);
    const blob = new Blob(this.chunks as Uint8Array<ArrayBuffer>[]);
    await cache?.put(url, new Response(blob));
    parts.delete(this.path);
  }

  async close(): Promise<void> {
    if (this.size === 0) parts.delete(this.path);
  }
}

/** `<cache>/<set>/<file>` as a named cache and a key in it, which must be a URL. */
async function locate(path: string): Promise<{
  cache: Awaited<ReturnType<PageCaches['open']>> | undefined;
  url: string;
}> {
  const slash = path.indexOf('/');
  const { caches } = globalThis as { caches?: PageCaches };
  return {
    cache: await caches?.open(path.slice(0, slash)),
    url: `https://data.strata.invalid${path.slice(slash)}`,
  };
}
