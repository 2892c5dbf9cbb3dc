import { check, type Checked } from '@stratajs/browser-tests/page/conformance';
import { webgpu } from '../../src/index.js';

export const checkWebgpu = (): Promise<Checked> => check(webgpu());
