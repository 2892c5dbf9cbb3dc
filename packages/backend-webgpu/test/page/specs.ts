import { runSpecs, type SpecResult } from '@stratajs/browser-tests/page/tfjs-specs';
import { webgpu } from '../../src/index.js';

export const specsOnWebgpu = (): Promise<SpecResult[]> =>
  runSpecs(webgpu(), false, ['draw on canvas context']);
