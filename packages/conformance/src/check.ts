/** A check: a named function that throws when what it checks is not so. Knows no test runner. */

export interface Check {
  readonly name: string;
  run(): void | Promise<void>;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** How a check ended: `error` is null when it passed. */
export interface Outcome {
  /** The group's name and the check's, with a space between. */
  readonly name: string;
  readonly error: Error | null;
}

/** The name by which a check is declared as an expected failure. */
export function fullName(group: CheckGroup, check: Check): string {
  return `${group.name} ${check.name}`;
}

/** Runs checks one after the other, outside any test runner: in a page, or to see them fail. */
export async function runChecks(groups: readonly CheckGroup[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of groups) {
    for (const check of group.checks) {
      outcomes.push({ name: fullName(group, check), error: await failure(check) });
    }
  }
  return outcomes;
}

/** What `check` throws, or null. */
export async function failure(check: Check): Promise<Error | null> {
  try {
    await check.run();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
