/** Node's files, environment and hash. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { openPart } from './node-part.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  setting: (name) => process.env[name] || undefined,

  defaultCache() {
    const own = process.env['STRATA_CACHE_DIR'];
    if (own) return join(own, 'data');
    // The XDG specification: a relative XDG_CACHE_HOME is invalid and to be ignored.
    const xdg = process.env['XDG_CACHE_HOME'];
    return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'strata', 'data');
  },

  join,
  readFile: readIfThere,
  readCached: readIfThere,
  openPart,
  sha256: async (bytes) => createHash('sha256').update(bytes).digest('hex'),
};

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as { code?: string };
    // ENOTDIR: a parent of the path is a file, so the file is not there either.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
