import { DataError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { decodeCifar } from './cifar.js';

const RECORD = 3073;

describe('decodeCifar', () => {
  it('turns three planes into the channels of each pixel', () => {
    const bytes = Uint8Array.from({ length: 2 * RECORD }, (_, i) => (i * 7) % 256);
    bytes[0] = 3;
    bytes[RECORD] = 9;
    const { images, labels } = decodeCifar(bytes, 'f');
    expect([...labels]).toEqual([3, 9]);
    const wrong: string[] = [];
    for (let n = 0; n < 2; n++) {
      for (let p = 0; p < 1024; p++) {
        for (let c = 0; c < 3; c++) {
          const expected = bytes[n * RECORD + 1 + c * 1024 + p];
          if (images[(n * 1024 + p) * 3 + c] !== expected) wrong.push(`${n} ${p} ${c}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(images.length).toBe(2 * 3072);
  });

  it.each([0, 1, RECORD - 1, RECORD + 1])('refuses %i bytes', (n) => {
    expect(() => decodeCifar(new Uint8Array(n), 'f')).toThrow(DataError);
    expect(() => decodeCifar(new Uint8Array(n), 'f')).toThrow(
      `records of 3073 bytes, one at least. Received: ${n} bytes in f`,
    );
  });

  it('refuses a label above 9', () => {
    const bytes = new Uint8Array(3 * RECORD);
    bytes[2 * RECORD] = 10;
    expect(() => decodeCifar(bytes, 'f')).toThrow(/Received: 10 in record 2 of f/);
  });
});
