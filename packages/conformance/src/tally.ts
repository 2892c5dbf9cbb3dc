/** Counts for the line that a suite prints at its end. */
export class Tally {
  readonly pending: string[] = [];
  private total = 0;
  private passed = 0;
  private declared = 0;

  /** Runs `fn`; it counts as passed, or as a declared gap when `reason` is given, unless it throws. */
  async count(reason: string | null, fn: () => void | Promise<void>): Promise<void> {
    this.total++;
    await fn();
    if (reason === null) this.passed++;
    else this.declared++;
  }

  /** '4225 of 4225 of tfjs-core's specs pass, 5 pending there'. */
  line(what: string): string {
    const gaps = this.declared > 0 ? `, ${this.declared} declared gaps` : '';
    // Pending specs are tfjs's own choice (xit), the same on every engine, and no skip of ours.
    const pending = this.pending.length > 0 ? `, ${this.pending.length} pending there` : '';
    return `${this.passed} of ${this.total} ${what} pass${gaps}${pending}`;
  }
}
