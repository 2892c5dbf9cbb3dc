// The conformance suite on an instruction set that is not the processor's best (conformance-native.test.ts has that one).
import { describeBackend } from '@stratajs/conformance';
import { expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';

/** Where the processor or the build lacks `isa`, that probe() says so is the test. */
export async function describeIsa(isa: Isa): Promise<void> {
  const engine = cpu({ tier: 'native', isa });
  const refusal = await engine.probe();
  if (refusal === null) {
    describeBackend(engine, { testPer: 'group' });
  } else {
    console.log(`conformance strata-cpu: not run on ${isa}: ${refusal}`);
    it(`${isa} is refused: ${refusal}`, () =>
      expect(refusal).toMatch(new RegExp(`has no '${isa}'|native addon`)));
  }
}
