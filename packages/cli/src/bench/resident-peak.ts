/** The most memory that this process held at a moment, which Linux keeps and lets begin anew. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Forgets the peak so far; false where the system has none that can be forgotten. */
export function restartPeak(): boolean {
  try {
    // "5" is for the highest resident set: proc(5), clear_refs.
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

/** In MB, since restartPeak() gave true. */
export function peakMegabytes(): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return (Number(kibibytes) * 1024) / 1e6;
}
