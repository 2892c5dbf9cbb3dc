/** The published files of a data set: what each must weigh and hash to, and where they are served. */
export interface FileSet {
  /** The folder's name in a data directory and in the cache. */
  readonly name: string;
  /** Base addresses, best first; a file's address is base + '/' + file name. None: no download. */
  readonly mirrors: readonly string[];
  /** Said when there are no mirrors: how to come by the files. */
  readonly howToObtain: string;
  readonly files: Readonly<Record<string, PublishedFile>>;
}

export interface PublishedFile {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes after unpacking. */
  readonly unpacked: number;
}

/** Where a data set's examples came from. */
export interface DataSource {
  /** The data directory, the cache, a download just made, generated, or arrays of the caller's. */
  readonly kind: 'dir' | 'cache' | 'download' | 'procedural' | 'memory';
  /** The folder of the files; of a download, where it is now cached. */
  readonly path?: string;
  /** When `digits` stands in for another set: which, and why. */
  readonly standsInFor?: { readonly name: string; readonly reason: string };
}

export interface DownloadProgress {
  readonly file: string;
  readonly url: string;
  /** Bytes that have arrived, those of an earlier, interrupted download included. */
  readonly received: number;
  readonly total: number;
}

/** The part of an AbortSignal that is used, so that the types need neither DOM nor Node. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How the files of a data set are found. */
export interface FileOptions {
  /** Folder that holds `<name>/<file>`. Default: the environment's STRATA_DATA_DIR. In the browser: a URL. */
  dataDir?: string | undefined;
  /** Folder for downloads. Default: `$STRATA_CACHE_DIR/data`, else `~/.cache/strata/data` (or under `$XDG_CACHE_HOME`). */
  cacheDir?: string | undefined;
  /** false: never use the network. Default: true, unless STRATA_OFFLINE is set in the environment. */
  download?: boolean | undefined;
  /** Base addresses that replace the official ones; checksums hold all the same. */
  mirrors?: readonly string[] | undefined;
  /** Called as bytes arrive. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Ends the download; the call rejects with the signal's reason, and what has arrived is kept. */
  signal?: CancelSignal | undefined;
  /** Seconds without a byte after which an address counts as dead. Default: 20. */
  timeout?: number | undefined;
}
