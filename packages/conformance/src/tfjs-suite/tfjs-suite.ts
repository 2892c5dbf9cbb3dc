/** The specs of tfjs-core in Node. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import { bootJasmine } from './jasmine.js';
import { type DefineSpecs, runnableSpecs, type TfjsSuite } from './runnable-specs.js';

/** As `runnableSpecs()`, with the bundle of this package and a jasmine of its own. */
export function defineTfjsSuite(backendName: string, dataSync: boolean): TfjsSuite {
  return runnableSpecs(loadSpecs(), bootJasmine(), backendName, dataSync);
}

function loadSpecs(): DefineSpecs {
  // The same place from src/tfjs-suite and from dist/tfjs-suite.
  const bundle = fileURLToPath(new URL('../../dist/tfjs-specs.cjs', import.meta.url));
  if (!existsSync(bundle)) {
    throw new StrataError(
      `The bundle of tfjs-core's specs is missing. Expected: ${bundle}. ` +
        'Build the package once: pnpm --filter @stratajs/conformance build.',
    );
  }
  return createRequire(import.meta.url)(bundle) as DefineSpecs;
}
