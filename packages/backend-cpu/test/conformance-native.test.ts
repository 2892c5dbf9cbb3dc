import { describeBackend } from '@stratajs/conformance';
import { it } from 'vitest';
import { cpu } from '../src/index.js';

const native = cpu({ tier: 'native' });
const refusal = await native.probe();

if (refusal === null) describeBackend(native);
else it.skip(`conformance of the native tier: ${refusal}`, () => {});
