import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

const conditions = ['strata-source', 'node', 'import', 'module', 'default'];

const config: ViteUserConfig = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  // Tests read the packages' sources: nothing need be built first (but the native addon).
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'examples/*/{src,test}/**/*.test.ts'],
    reporters: ['default', './.config/count-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

export default config;
