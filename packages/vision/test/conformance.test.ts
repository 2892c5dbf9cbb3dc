import { cpu } from '@stratajs/backend-cpu';
import { describeModelFamily } from '@stratajs/conformance';
import { vision } from '../src/index.js';

describeModelFamily(vision, { engine: cpu() });
