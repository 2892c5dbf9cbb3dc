import { train, type Trained } from '@stratajs/browser-tests/page/train';
import { webgpu } from '../../src/index.js';

export const trainOnWebgpu = (): Promise<Trained> => train(webgpu());
