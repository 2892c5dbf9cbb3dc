/** tfjs-core's own specs in a page: what the page loads, and how its results are judged. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { declaredGaps, type ExpectedFailures, judge } from '@stratajs/conformance/specs';
import type { SpecResult } from './page/tfjs-specs.js';

const conformance = new URL('../../packages/conformance/', import.meta.url);

/** The bundle of the specs and the jasmine that runs them, as scripts for a page. */
export function specFiles(): ReadonlyMap<string, Uint8Array> {
  const bundle = fileURLToPath(new URL('dist/tfjs-specs.cjs', conformance));
  if (!existsSync(bundle)) {
    throw new Error(`${bundle} is missing: pnpm --filter @stratajs/conformance build.`);
  }
  const { resolve } = createRequire(new URL('package.json', conformance));
  const jasmine = readFileSync(resolve('jasmine-core/lib/jasmine-core/jasmine.js'));
  // It is written for Node, which is asked for nothing but jasmine.
  const script = `{
    const module = {};
    const require = () => globalThis.jasmineRequire;
    ${readFileSync(bundle, 'utf8')}
    globalThis.defineSpecs = module.exports;
  }`;
  return new Map([
    ['jasmine.js', jasmine],
    ['tfjs-specs.js', Buffer.from(script)],
  ]);
}

export interface Judged {
  /** What fails and is not declared, and what is declared and passes. */
  readonly faults: readonly string[];
  readonly passed: number;
  readonly declared: number;
  readonly pending: number;
}

export function judgeSpecs(results: readonly SpecResult[], expected: ExpectedFailures): Judged {
  const gaps = declaredGaps(expected);
  const faults: string[] = [];
  const counts = { passed: 0, declared: 0, pending: 0 };
  for (const { name, status, message } of results) {
    if (status === 'pending') {
      counts.pending++;
      continue;
    }
    const reason = gaps.reason(name);
    try {
      judge(name, status === 'failed' ? new Error(message) : null, reason);
      counts[reason === null ? 'passed' : 'declared']++;
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
    }
  }
  faults.push(...gaps.unmatched().map((name) => `No spec is called '${name}'.`));
  return { faults, ...counts };
}
