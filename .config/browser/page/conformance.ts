/** The checks of @stratajs/conformance, in a page. */
import { type BackendPlugin, use } from '@stratajs/core';
import { backendChecks, type CheckGroup, runChecks } from '@stratajs/conformance/checks';

export interface Checked {
  readonly total: number;
  /** What fails at the tolerance of exact arithmetic in float32. */
  readonly strict: readonly Failure[];
  /** What of it still fails at 1e-3. */
  readonly loose: readonly Failure[];
}

export interface Failure {
  readonly name: string;
  readonly message: string;
}

export async function check(plugin: BackendPlugin): Promise<Checked> {
  await use(plugin);
  // Every gradient is compared with PyTorch's; differences of it would only compile the shaders again.
  const slow = ['finite differences of', 'second order of'];
  const groups = backendChecks(plugin).filter(({ name }) => !slow.includes(name));
  const strict = await failures(groups);
  const again = backendChecks(plugin, { relativeTolerance: 1e-3 }).map((group) => ({
    ...group,
    checks: group.checks.filter((c) =>
      strict.some(({ name }) => name === `${group.name} ${c.name}`),
    ),
  }));
  const total = groups.reduce((sum, { checks }) => sum + checks.length, 0);
  return { total, strict, loose: await failures(again) };
}

async function failures(groups: readonly CheckGroup[]): Promise<Failure[]> {
  const outcomes = await runChecks(groups);
  return outcomes.flatMap(({ name, error }) => (error ? [{ name, message: error.message }] : []));
}
