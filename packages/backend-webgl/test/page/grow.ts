import { webgl } from '../../src/index.js';
import { grow, type Growth } from '@stratajs/browser-tests/page/growth';

export const growWebgl = (mode: 'eager' | 'replayed'): Promise<Growth> => grow(webgl(), mode);
