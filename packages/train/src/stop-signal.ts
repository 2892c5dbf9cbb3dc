/** The part of an AbortSignal that is used, so that the types need neither DOM nor Node. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** Throws the signal's reason once it has been given. */
export function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
