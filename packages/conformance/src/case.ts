/** A check or spec as the test runner is told of it: with its title, and turned round where a gap is declared. */
export interface Case {
  readonly title: string;
  run(): Promise<void>;
}

/**
 * Runs all of them, one after the other, as one test.
 *
 * @throws an Error that names every one that failed, and why.
 */
export async function runTogether(cases: readonly Case[]): Promise<void> {
  const failures: string[] = [];
  for (const { title, run } of cases) {
    try {
      await run();
    } catch (error) {
      failures.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${cases.length} fail:\n${failures.join('\n')}`);
  }
}
