import { BackendError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { type Algorithm, chooseAlgorithm } from './convolution-algorithm.js';
import { type Pass, passSizes } from './convolution-sizes.js';
import { fourierCost } from './fourier-cost.js';

/** Sizes of a convolution with padding 'same', as in conv-sizes.ts. */
function sizes(
  [n, h, w, c]: readonly [number, number, number, number],
  out: number,
  kernel = 3,
  stride = 1,
  dilation = 1,
): Int32Array {
  const pad = ((kernel - 1) * dilation) >> 1;
  const [oh, ow] = [Math.ceil(h / stride), Math.ceil(w / stride)];
  return Int32Array.from([
    n,
    h,
    w,
    c,
    oh,
    ow,
    out,
    kernel,
    kernel,
    stride,
    stride,
    dilation,
    dilation,
    pad,
    pad,
  ]);
}
const passes = ['forward', 'input', 'filter'] as const;
const all = (of: Int32Array): Algorithm[] =>
  passes.map((pass) => chooseAlgorithm('auto', pass, of));
const thrice = (algorithm: Algorithm): Algorithm[] => [algorithm, algorithm, algorithm];

describe("the algorithm that 'auto' chooses", () => {
  it.each([
    ['a ResNet layer at 56x56', sizes([8, 56, 56, 64], 64)],
    ['ResNet-20, first stage', sizes([32, 32, 32, 16], 16)],
    ['ResNet-20, second stage', sizes([32, 16, 16, 32], 32)],
    ['ResNet-20, third stage', sizes([32, 8, 8, 64], 64)],
  ])('%s: tiles of 4x4 in every pass', (_, of) => expect(all(of)).toEqual(thrice('winograd-4x4')));

  it('tiles of 2x2 where the transformed filter is large and images are few', () => {
    expect(chooseAlgorithm('auto', 'forward', sizes([8, 5, 5, 256], 256))).toBe('winograd-2x2');
    expect(chooseAlgorithm('auto', 'forward', sizes([64, 7, 7, 256], 256))).toBe('winograd-4x4');
  });

  it('the sum of products where most taps miss the image', () => {
    expect(chooseAlgorithm('auto', 'forward', sizes([64, 1, 1, 64], 64))).toBe('direct');
  });

  it('the sum of products where channels are few', () => {
    expect(chooseAlgorithm('auto', 'forward', sizes([32, 28, 28, 1], 6))).toBe('direct');
    expect(chooseAlgorithm('auto', 'forward', sizes([8, 56, 56, 3], 8))).toBe('direct');
    expect(all(sizes([8, 14, 14, 4], 4))).toEqual(thrice('direct'));
  });

  it('Fourier transforms for large filters of many channels', () => {
    expect(all(sizes([2, 56, 56, 64], 64, 31))).toEqual(thrice('fft'));
    expect(all(sizes([8, 56, 56, 64], 64, 9))).toEqual(thrice('fft'));
    expect(all(sizes([2, 64, 64, 1], 1, 9))).toEqual(thrice('direct'));
    expect(all(sizes([2, 56, 56, 64], 64, 31, 2))).toEqual(thrice('direct'));
  });

  it('no Fourier transforms whose filter would take more than 256 MiB', () => {
    const of = sizes([1, 56, 56, 512], 512, 31);
    expect(chooseAlgorithm('auto', 'forward', of)).toBe('direct');
    expect(chooseAlgorithm('fft', 'forward', of)).toBe('fft');
  });

  it('the sum of products for strides and dilations', () => {
    expect(all(sizes([8, 56, 56, 64], 64, 3, 2))).toEqual(thrice('direct'));
    expect(all(sizes([8, 56, 56, 64], 64, 3, 1, 2))).toEqual(thrice('direct'));
  });

  it('nothing but the sizes decides: no wish is auto', () => {
    const of = sizes([8, 56, 56, 64], 64);
    expect(chooseAlgorithm(undefined, 'forward', of)).toBe('winograd-4x4');
  });

  it('chooses something for sizes of zero', () => {
    expect(all(sizes([0, 8, 8, 64], 64))).toEqual(thrice('direct'));
    expect(all(sizes([2, 8, 8, 0], 64))).toHaveLength(3);
    expect(all(sizes([2, 8, 8, 64], 0))).toHaveLength(3);
  });
});

it('a wish is granted, whatever it costs', () => {
  const of = sizes([1, 4, 4, 1], 1);
  for (const wish of ['direct', 'im2col', 'winograd-2x2', 'winograd-4x4', 'fft'] as const)
    for (const pass of ['forward', 'input', 'filter'] satisfies Pass[])
      expect(chooseAlgorithm(wish, pass, of)).toBe(wish);
});

it('a wish that no native code grants is refused', () => {
  const ask = (): Algorithm => chooseAlgorithm('strassen', 'forward', sizes([1, 4, 4, 1], 1));
  expect(ask).toThrow(BackendError);
  expect(ask).toThrow("Received: the algorithm 'strassen'");
});

describe('the side of Fourier transforms', () => {
  const side = (of: Int32Array, pass: Pass = 'forward'): number =>
    fourierCost(passSizes(pass, of)).side;

  it('has room for the filter, and no more than the image needs', () => {
    expect(side(sizes([1, 4, 4, 8], 8))).toBe(8);
    expect(side(sizes([1, 9, 9, 1], 1, 31))).toBe(64);
    expect(side(sizes([1, 1024, 1024, 1], 1, 513))).toBe(1024);
    expect(side(sizes([1, 1200, 1200, 1], 1, 1023), 'input')).toBe(1024);
  });

  it('has an end', () => {
    expect(() => side(sizes([1, 1200, 1200, 1], 1, 1025))).toThrow('a filter of [1025, 1025]');
  });
});
