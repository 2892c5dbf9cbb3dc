import { describeBackend } from '@stratajs/conformance';
import { cpu } from '../src/index.js';

describeBackend(cpu({ tier: 'wasm' }));
