import { compareOwn, type Differences } from '@stratajs/browser-tests/page/own-kernels';
import { webgl } from '../../src/index.js';

export const ownKernels = (): Promise<Differences> => compareOwn(webgl());
