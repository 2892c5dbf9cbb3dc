import { describePrograms } from '@stratajs/conformance';
import { cpu } from '../src/index.js';

// XNNPACK's sigmoid and softmax take e^x for 0 below 2⁻¹²⁶. silu takes that sigmoid up to 2⁷ times (where x < −104 it is 0 in
// float32), and the gradient of the cross entropy is a softmax.
const underflow = {
  sigmoid: 2 ** -126,
  silu: 2 ** -119,
  softmax: 2 ** -126,
  softmaxCrossEntropy: 2 ** -126,
};

describePrograms(cpu({ tier: 'wasm' }), { underflow });
