import { describe } from 'vitest';

/** Folder with the published files, for tests of the real thing. */
export const realData: string | undefined = process.env['STRATA_DATA_DIR'] || undefined;

if (realData === undefined) {
  console.log(
    'Tests of the published files are skipped: STRATA_DATA_DIR names no folder with them.',
  );
}

/** `describe`, skipped with the reason in its name where the published files are not at hand. */
export const describeRealData: (name: string, tests: () => void) => void = (name, tests) =>
  describe.skipIf(realData === undefined)(
    realData === undefined ? `${name} (needs STRATA_DATA_DIR)` : name,
    () => {
      tests();
    },
  );
