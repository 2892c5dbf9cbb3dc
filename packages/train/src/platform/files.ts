/**
 * What a run and its checkpoints ask of a file system. Everything above this folder is free of the
 * platform; each platform offers one `Files`.
 */
export interface Files {
  join(...parts: string[]): string;
  /** The last part of a path. */
  name(path: string): string;
  /** The path without its last part. */
  parent(path: string): string;
  absolute(path: string): string;
  /** Makes the directory, and those above it. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory, sorted; none when there is no such directory. */
  list(path: string): Promise<string[]>;
  /** The bytes of a file, or null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Writes a file and waits until the disk has it. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  append(path: string, text: string): Promise<void>;
  /** Waits until the disk has what was written to a file, or the entries of a directory. */
  sync(path: string): Promise<void>;
  /** Atomic: at every moment either the old name or the new one is there. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a directory with all in it; harmless when there is none. */
  remove(path: string): Promise<void>;
  /** In lower-case hexadecimal. */
  sha256(bytes: Uint8Array): Promise<string>;
}
