import { type Differing, drawNormal } from '@stratajs/browser-tests/page/normal-numbers';
import { webgl } from '../../src/index.js';

export const draw = (): Promise<Differing> => drawNormal(webgl());
