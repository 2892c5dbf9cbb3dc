/** The browser: no environment, a data directory that is a URL, downloads in the Cache API. */
import { DataError } from '@stratajs/core';
import { openCachedPart, readWhole } from './cached-files.js';
import type { Platform } from './platform.js';

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

  readCached: readWhole,
  openPart: openCachedPart,

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
