import { describePrograms } from '@stratajs/conformance';
import { describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';

const refusal = await cpu({ tier: 'native' }).probe();

it.skipIf(refusal !== null)(
  `the native tier runs here${refusal === null ? '' : `: ${refusal}`}`,
  () => expect(refusal).toBeNull(),
);
// Each closes its engine before the next one opens.
for (const isa of (addon?.supported() ?? []) as Isa[]) {
  describe(isa, () => {
    describePrograms(cpu({ tier: 'native', isa }));
  });
}
