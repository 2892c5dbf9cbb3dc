import { describePrograms } from '@stratajs/conformance';
import { cpu } from '../src/index.js';

describePrograms(cpu({ tier: 'javascript' }));
