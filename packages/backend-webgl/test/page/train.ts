import { train, type Trained } from '@stratajs/browser-tests/page/train';
import { webgl } from '../../src/index.js';

export const trainOnWebgl = (): Promise<Trained> => train(webgl());
