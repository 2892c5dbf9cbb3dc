import { describeBackend } from '@stratajs/conformance';
import { expect, it } from 'vitest';
import { cpu } from '../src/index.js';

const native = cpu({ tier: 'native' });
const refusal = await native.probe();

it.skipIf(refusal !== null)(
  `the native tier runs here${refusal === null ? '' : `: ${refusal}`}`,
  () => expect(refusal).toBeNull(),
);
if (refusal === null) describeBackend(native);
