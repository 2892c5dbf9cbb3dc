/**
 * What this package needs of the machine beneath: settings, files to read, a cache to write, a hash.
 * `node.ts` and `browser.ts` each export one `platform`; the import map `#platform` chooses.
 */
export interface Platform {
  /** A setting from the environment; undefined where there is none, or where it is empty. */
  setting(name: string): string | undefined;
  /** Where downloads are kept: an absolute path, or the name of the browser's cache. */
  defaultCache(): string;
  join(...parts: string[]): string;
  /** The whole file, or undefined when there is none. In the browser `path` is a URL. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  readCached(path: string): Promise<Uint8Array | undefined>;
  /** Opens the unfinished download of `path`, with what an earlier, interrupted one left. */
  openPart(path: string): Promise<Part>;
  sha256(bytes: Uint8Array): Promise<string>;
}

/** The bytes of `path` received so far. Nobody else writes to them; `path` itself appears only on commit. */
export interface Part {
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  read(): Promise<Uint8Array>;
  /** Forgets everything received. */
  clear(): Promise<void>;
  /** Makes the bytes durable under the final name, in one step. */
  commit(): Promise<void>;
  /** Ends the work; what was received and not committed stays for a later `openPart`. */
  close(): Promise<void>;
}
