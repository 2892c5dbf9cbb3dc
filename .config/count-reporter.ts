import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with the conformance counts of every engine, tier and instruction set, and with its own
 * on one line; names every skipped test, and, with STRATA_NO_SKIPS set, fails the run when a test was
 * skipped for any reason but a missing GPU.
 */
export default class CountReporter implements Reporter {
  private readonly conformance: string[] = [];

  onUserConsoleLog({ content }: { readonly content: string }): void {
    for (const line of content.split('\n')) {
      if (line.startsWith('conformance ')) this.conformance.push(line);
    }
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state]++;
        if (state === 'skipped') skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
    }
    for (const line of this.conformance.toSorted()) console.log(line);
    const unexplained = skipped.filter((name) => !/\bGPU\b/.test(name));
    for (const name of skipped) console.log(`skipped: ${name}`);
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
    if (process.env['STRATA_NO_SKIPS'] && unexplained.length > 0) {
      console.error(
        `${unexplained.length} tests were skipped, and STRATA_NO_SKIPS is set: what they need must be installed.`,
      );
      process.exitCode = 1;
    }
  }
}
