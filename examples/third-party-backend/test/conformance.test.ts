import { describeBackend } from '@stratajs/conformance';
import { acme } from '../src/index.js';

describeBackend(acme());
