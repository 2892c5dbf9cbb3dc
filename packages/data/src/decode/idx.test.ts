import { DataError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { decodeIdx } from './idx.js';

const header = (...dims: number[]): number[] => [
  0,
  0,
  8,
  dims.length,
  ...dims.flatMap((n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
];
const file = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

describe('decodeIdx', () => {
  it('reads shape and elements, big-endian, also from the middle of a buffer', () => {
    const bytes = file(9, 9, 9, ...header(2, 1, 3), 1, 2, 3, 4, 5, 6).subarray(3);
    expect(decodeIdx(bytes, 3, 'f')).toEqual({ shape: [2, 1, 3], data: file(1, 2, 3, 4, 5, 6) });
    const long = new Uint8Array(8 + 300);
    long.set(header(300));
    expect(decodeIdx(long, 1, 'f').shape).toEqual([300]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', file(), /at least 4 bytes\. Received: 0 bytes in f/],
    ['half a magic number', file(0, 0, 8), /Received: 3 bytes/],
    ['another format', file(31, 139, 8, 1, 0, 0), /two zero bytes\. Received: 31 139/],
    ['floats', file(0, 0, 13, 1, 0, 0, 0, 0), /unsigned bytes.*Received: type 0x0d/],
    ['another rank', file(...header(1, 1), 7), /must have rank 1\. Received: rank 2/],
    ['half a header', file(0, 0, 8, 1, 0, 0), /takes 8 bytes\. Received: 6 bytes/],
    ['missing elements', file(...header(3), 1, 2), /promises 3 = 3 elements\. Received: 2/],
    ['elements left over', file(...header(1), 1, 2), /promises 1 = 1 elements\. Received: 2/],
    ['a huge promise', file(0, 0, 8, 1, 255, 255, 255, 255, 1), /4294967295 elements/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeIdx(bytes, 1, 'f')).toThrow(message);
    expect(() => decodeIdx(bytes, 1, 'f')).toThrow(DataError);
  });
});
