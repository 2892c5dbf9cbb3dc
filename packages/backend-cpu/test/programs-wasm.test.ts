import { describePrograms } from '@stratajs/conformance';
import { cpu } from '../src/index.js';

// XNNPACK's sigmoid and softmax give 0 below 2⁻¹²⁶; silu takes its sigmoid up to 2⁷ times.
describePrograms(cpu({ tier: 'wasm' }), { underflow: 2 ** -119 });
