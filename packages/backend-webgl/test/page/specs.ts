import { runSpecs, type SpecResult } from '@stratajs/browser-tests/page/tfjs-specs';
import { webgl } from '../../src/index.js';

export const specsOnWebgl = (): Promise<SpecResult[]> => runSpecs(webgl(), true);
