import { webgpu } from '../../src/index.js';
import { grow, type Growth } from '@stratajs/browser-tests/page/growth';

export const growWebgpu = (mode: 'eager' | 'replayed'): Promise<Growth> => grow(webgpu(), mode);
