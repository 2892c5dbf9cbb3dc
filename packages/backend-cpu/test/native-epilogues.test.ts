import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { agree, native, operand } from './both.js';

// Sums of up to 36 products of up to 4, times a slope of up to 2.
const close = { tolerance: 1e-5, floor: 1 };
const window = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
const kernels = {
  FusedConv2D: {
    inputs: { x: operand([2, 5, 6, 4], 1), filter: operand([3, 3, 4, 7], 2) },
    attrs: window,
    shape: [2, 5, 6, 7],
  },
  FusedDepthwiseConv2D: {
    inputs: { x: operand([2, 5, 6, 7], 1), filter: operand([3, 3, 7, 1], 2) },
    attrs: window,
    shape: [2, 5, 6, 7],
  },
  _FusedMatMul: {
    inputs: { a: operand([5, 6, 4], 1), b: operand([1, 4, 7], 2) },
    attrs: { transposeA: false, transposeB: false },
    shape: [5, 6, 7],
  },
};
const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'];

describe.runIf(addon).each(isas as Isa[])('epilogues on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  describe.each(Object.entries(kernels))('of %s', (kernel, { inputs, attrs, shape }) => {
    const biases = [[7], [1, 7], [1], [], shape.slice(1), [...shape.slice(1, -1), 1]];

    it.each(ACTIVATIONS)('every bias, then %s', (activation) => {
      const options = { ...attrs, activation, leakyreluAlpha: 0.3 };
      agree(kernel, inputs, options, close);
      for (const bias of biases) {
        agree(kernel, { ...inputs, bias: operand(bias, 3) }, options, close);
      }
    });

    it('prelu, with slopes of every shape', () => {
      const options = { ...attrs, activation: 'prelu' };
      for (const slopes of [[7], [1], [1, 1, 7], shape.slice(1)]) {
        const preluActivationWeights = operand(slopes, 4);
        agree(kernel, { ...inputs, preluActivationWeights }, options, close);
        agree(kernel, { ...inputs, preluActivationWeights, bias: operand([7], 3) }, options, close);
        agree(
          kernel,
          { ...inputs, preluActivationWeights, bias: operand(shape.slice(1), 3) },
          options,
          close,
        );
      }
    });

    it('leaves a bias that is larger than the result to tfjs', () => {
      const bias = operand([2, ...shape.map(() => 1)], 3);
      const options = { ...attrs, activation: 'relu' };
      agree(kernel, { ...inputs, bias }, options, { ...close, covered: false });
    });
  });
});
