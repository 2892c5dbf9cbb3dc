/** The WASM tier in a browser: the same checks as in Node, in one thread and in two. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// By their place: as a package they would depend on this one, in a circle.
import {
  chromiumPath,
  judgeSpecs,
  openTestBrowser,
  specFiles,
  type TestBrowser,
  wasmFiles,
} from '../../../.config/browser/index.js';
import type { SpecResult } from '../../../.config/browser/page/tfjs-specs.js';
import type { CheckedOnWasm } from './page/main.js';

if (chromiumPath === null) {
  console.log('skipped: no Chromium found. Install one, or set CHROME_PATH to its executable.');
}

let browser: TestBrowser;

describe.skipIf(chromiumPath === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await openTestBrowser(
      new URL('./page/', import.meta.url),
      [],
      new Map([...wasmFiles(import.meta.url), ...specFiles()]),
    );
  });
  afterAll(() => browser?.close());

  it.each([1, 2])(
    'passes the conformance checks, threads: %d',
    async (threads) => {
      const { result, complaints } = await browser.run<CheckedOnWasm>('check', {
        given: threads,
        // tfjs's program takes half of the cores at most: as many threads on any machine.
        cores: 2 * threads,
      });
      console.log(
        `conformance strata-cpu, wasm in Chromium, threads: ${threads}: ${result.total - result.strict.length} of ${result.total} checks pass`,
      );
      expect(complaints).toEqual([]);
      expect(result).toMatchObject({ tier: 'wasm', threads, strict: [] });
      expect(result.total).toBeGreaterThan(600);
    },
    300_000,
  );

  it("passes tfjs-core's specs", async () => {
    const { result } = await browser.run<SpecResult[]>('specs');
    const { faults, passed, declared, pending } = judgeSpecs(result, {
      'draw on canvas context draw *':
        'They ask for a kind of canvas by the name of the engine, which is 2d for one called cpu alone.',
    });
    console.log(
      `conformance strata-cpu, wasm in Chromium: ${passed} of tfjs-core's specs pass, ${declared} declared gaps, ${pending} put off by tfjs`,
    );
    expect(faults).toEqual([]);
    expect(passed).toBeGreaterThan(4000);
  }, 600_000);
});
