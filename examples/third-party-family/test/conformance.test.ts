import { cpu } from '@stratajs/backend-cpu';
import { describeModelFamily } from '@stratajs/conformance';
import { acmeTabular } from '../src/index.js';

describeModelFamily(acmeTabular, { engine: cpu() });
