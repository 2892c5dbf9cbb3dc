import { check, type Checked } from '@stratajs/browser-tests/page/conformance';
import { webgl } from '../../src/index.js';

export const checkWebgl = (): Promise<Checked> => check(webgl());
